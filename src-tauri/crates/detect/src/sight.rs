//! What a model needs to see a failure: the size of what it looks at, and how large a failure must be in the picture.

use serde::{Deserialize, Serialize};

/// How sharp a model's eye is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ts_rs::TS, schemars::JsonSchema)]
pub struct Sight {
    /// Width and height of the picture that it is given, pixels; 0 where that is not known.
    pub input: (u32, u32),
    /// It may be shown parts of a picture. A model of others was made for whole ones, and its score of a part would be
    /// compared with those.
    pub parts: bool,
    /// Width of the smallest failure that it notices seven times in ten, as a share of the picture's width; `None` where
    /// the model does not tell.
    pub smallest: Option<f64>,
}

/// Reads the width of the smallest failure that is noticed, 0 to 1.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn smallest(told: &str) -> Result<f64, String> {
    match told.trim().parse::<f64>() {
        Ok(width) if width > 0.0 && width <= 1.0 => Ok(width),
        Ok(_) | Err(_) => Err(format!("its smallest is {told:?}, not a share of the picture's width")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_a_share_and_anything_else_is_refused() {
        assert_eq!(smallest(" 0.15 "), Ok(0.15));
        assert_eq!(smallest("1"), Ok(1.0));
        for told in ["", "0", "1.5", "-0.1", "NaN", "wide", "15 %"] {
            assert!(smallest(told).is_err(), "{told}");
        }
    }
}
