//! A short run over damaged files. A long one: `cargo run -p gcode --example fuzz -- gcode 300`.

mod mutate;

use mutate::{Mutator, TARGETS};

#[test]
fn damaged_files_break_no_promise() {
    for target in TARGETS {
        println!("{}", target.name);
        for seed in (target.seeds)() {
            (target.run)(&seed);
        }
        let mut mutator = Mutator::new((target.seeds)(), 7);
        for _ in 0..3_000 {
            (target.run)(&mutator.next_file());
        }
    }
}
