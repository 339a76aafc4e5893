//! A property: whatever happens to one byte of one line, each line is executed once, in order.

use super::bench::Bench;
use super::firmware::Make;
use proptest::prelude::*;

/// What happens to a byte on its way.
#[derive(Debug, Clone, Copy)]
enum Harm {
    Drop,
    Flip(u8),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![Just(Harm::Drop), (1u8..=255).prop_map(Harm::Flip)]
}

fn print_with(make: Make, harms: Vec<(usize, usize, Harm)>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut bench = Bench::up(make, &[]);
    let lines: Vec<String> = (1..=30).map(|n| format!("G1 X{n} E{n}")).collect();
    let mut count = 0;
    bench.wire = Box::new(move |line| {
        for (_, at, harm) in harms.iter().filter(|(which, ..)| *which == count) {
            let at = at % line.len();
            match harm {
                Harm::Drop => drop(line.remove(at)),
                // A line end just before the command makes 2.1 run what follows unchecked: no host can help that.
                Harm::Flip(mask) if make == Make::Two && matches!(line[at] ^ mask, b'\r' | b'\n') => (),
                // One bit of a line end: more may make two lines one with a checksum that fits.
                Harm::Flip(mask) if line[at] == b'\n' => line[at] ^= 1 << (mask % 8),
                Harm::Flip(mask) => line[at] ^= mask,
            }
        }
        count += 1;
    });
    bench.start(&lines.join("|"));
    for _ in 0..20_000 {
        if !bench.link.has_job() {
            break;
        }
        bench.round();
    }
    let changes = bench.changes.iter().map(|c| format!("{c:?}")).collect();
    let ours = bench.moves().iter().filter(|l| l.starts_with("G1 X")).map(|l| l.to_string()).collect();
    (lines, ours, changes)
}

proptest! {
    #![proptest_config(super::cases(1000))]

    #[test]
    fn each_line_is_executed_once_and_in_order(
        two in any::<bool>(),
        harms in prop::collection::vec((0usize..34, 0usize..24, harm()), 1..4),
    ) {
        let make = if two { Make::Two } else { Make::One };
        // One harm in two lines: two may cancel each other out in a checksum of eight bits.
        let mut harms = harms;
        harms.sort_by_key(|h| h.0);
        harms.dedup_by(|later, earlier| later.0 - earlier.0 < 2);
        let (lines, executed, changes) = print_with(make, harms);
        prop_assert_eq!(&lines, &executed, "{:?}", changes);
        prop_assert!(changes.last().is_some_and(|c| c.contains("Finished")), "{:?}", changes);
    }
}
