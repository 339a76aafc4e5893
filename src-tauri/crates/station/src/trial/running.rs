//! What Obico's rule makes of pictures that a client sends one after the other. Nothing of it touches the watch.

use domain::{PredictionState, Timestamp};
use verdict::{begin_print, look};

/// Takes in one picture with the summed confidence `p`. `begins`: it is the first of a print.
pub fn take_in_picture(state: &mut PredictionState, begins: bool, p: f64, sensitivity: f64, now: Timestamp) {
    if begins {
        begin_print(state, now);
    }
    look(state, p, sensitivity, now);
}
