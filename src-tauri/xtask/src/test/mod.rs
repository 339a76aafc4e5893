//! Runs every kind of test, whatever fails, and ends with a table and one line of counts.

mod count;
mod groups;
mod hung;

use crate::packages::{self, Wanted};
use crate::{Fault, ort, ui};
use count::Count;
use groups::{GROUPS, Group, ON_REQUEST};

/// What a group came to.
struct Outcome {
    name: &'static str,
    count: Count,
    secs: u64,
}

/// Runs the named groups, all but those on request when none is named.
///
/// # Errors
/// When a test failed, or a group could not run.
pub(crate) fn run(names: &[String]) -> Result<(), Fault> {
    let groups = || GROUPS.iter().chain(ON_REQUEST);
    if let Some(name) = names.iter().find(|name| groups().all(|group| group.name != name.as_str())) {
        let known: Vec<&str> = groups().map(|group| group.name).collect();
        return Err(format!("there is no group \"{name}\"; there are: {}", known.join(" ")));
    }
    let named = |group: &&Group| names.iter().any(|name| name == group.name);
    prepare();
    let outcomes: Vec<Outcome> = if names.is_empty() {
        GROUPS.iter().map(run_group).collect()
    } else {
        groups().filter(named).map(run_group).collect()
    };
    let mut text = table(&outcomes);
    let total = outcomes.into_iter().fold(Count::default(), |sum, outcome| sum.plus(outcome.count));
    if !total.words.is_empty() {
        text += &format!("\nwhat failed says:\n{}\n", total.words.join("\n"));
    }
    if !total.unsteady.is_empty() {
        text += &format!("\nfailed, and passed when run once more:\n{}\n", total.unsteady.join("\n"));
    }
    println!("\n{text}");
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    // The line of counts stays the last one, so the status alone says the rest.
    if total.failed > 0 { std::process::exit(1) } else { Ok(()) }
}

/// Brings what most groups need. What is missing is said by the groups that miss it.
fn prepare() {
    for fault in
        [packages::setup(Wanted::Test).err(), ui::build().err(), ort::fetch().err()].into_iter().flatten()
    {
        eprintln!("{fault}");
    }
}

fn run_group(group: &Group) -> Outcome {
    println!("\n=== {} ===", group.name);
    let started = now();
    let count = (group.run)().unwrap_or_else(|fault| {
        println!("{fault}");
        Count { failed: 1, ..Count::default() }
    });
    Outcome { name: group.name, count, secs: started.elapsed().as_secs() }
}

fn table(outcomes: &[Outcome]) -> String {
    let mut text = format!("{:<10}{:>6}{:>8}{:>9}{:>8}\n", "group", "run", "failed", "skipped", "time");
    for Outcome { name, count, secs } in outcomes {
        let run = count.passed + count.failed;
        text += &format!("{name:<10}{run:>6}{:>8}{:>9}{:>6} s\n", count.failed, count.skipped, secs);
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "how long the tests took is for people only")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
