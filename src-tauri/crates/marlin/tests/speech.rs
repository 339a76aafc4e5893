//! A short run over hostile speech. A long one: `cargo run --release -p marlin --example fuzz -- link 300`.

mod hostile;

use hostile::{Mutator, TARGETS, seeds};

#[test]
fn hostile_speech_breaks_no_promise() {
    for target in TARGETS {
        println!("{}", target.name);
        for seed in seeds() {
            (target.run)(&seed);
        }
        let mut mutator = Mutator::new(7);
        for _ in 0..300 {
            (target.run)(&mutator.next_speech());
        }
    }
}
