//! A threshold fitted to a person's own answers.
//!
//! A print alerts when its level rises above the thresholds times a factor. So each past print has a peak, the factor
//! below which it alerts, and the best factor lies between the peaks of the good prints and those of the failed ones.
//! A failure that goes unnoticed weighs three times a false alarm.

use super::replay::truth_of;
use super::tally::{count, line, weight, words};
use super::watched::WatchedPrints;
use domain::{Fitted, Rule, Tally, Truth, WhatIfPrint};
use store::look_file;
use verdict::{Reaction, Tuning};

/// Prints with an answer that are wanted at least.
const ENOUGH: usize = 3;
/// What a missed failure weighs against a false alarm.
const MISSED_WEIGHS: f64 = 3.0;
/// The range of the factor.
const RANGE: (f64, f64) = (0.5, 2.0);
/// Without an example of the other side, the factor moves no farther than this.
const ONE_SIDED: (f64, f64) = (0.8, 1.25);

/// Fits the factor on the thresholds of our rule to the answers about a printer's past prints. Blocks.
pub(super) fn fit(past: &WatchedPrints) -> Fitted {
    let sensitivity = past.printer.detective_sensitivity;
    let threshold_now = past.printer.watch.threshold;
    let mut judged = Vec::new();
    for (print, folder) in &past.prints {
        let truth = truth_of(print);
        if truth == Truth::Unknown {
            continue;
        }
        match look_file::read_scores(folder) {
            Ok(scores) => judged.push((print, truth, scores)),
            Err(error) => tracing::warn!(print = %print.id, %error, "its looks cannot be read"),
        }
    }
    let react = |threshold: f64| -> Vec<Reaction> {
        let tuning = Tuning { sensitivity, threshold };
        let past = |score: &look_file::LookScore| verdict::PastLook {
            at_ms: u64::from(score.at_ms),
            p: f64::from(score.p),
            counted: f64::from(score.counted),
            before: score.before,
        };
        judged.iter().map(|(_, _, scores)| verdict::replay(scores.iter().map(past), tuning)).collect()
    };
    let now = react(threshold_now);
    let peaks: Vec<(Truth, f64)> =
        judged.iter().zip(&now).map(|((_, truth, _), reaction)| (*truth, reaction.peak)).collect();
    let answers = judged.iter().filter(|(print, ..)| print.alert_overwrite.is_some()).count();
    let possible = past.printer.watch.rule == Rule::Printvigil && answers >= ENOUGH;
    let threshold = if possible { best_factor(&peaks, threshold_now) } else { threshold_now };
    let then = react(threshold);
    let (mut before, mut after) = (Tally::default(), Tally::default());
    let mut prints: Vec<WhatIfPrint> = Vec::new();
    for (((print, truth, _), now), then) in judged.iter().zip(now).zip(then) {
        let line = line(print, now, then);
        count(&mut before, *truth, line.alert_now);
        count(&mut after, *truth, line.alert_then);
        prints.push(line);
    }
    prints.reverse();
    prints.sort_by_key(weight);
    let text = if !possible {
        let so_far =
            if answers == 1 { "There is 1 answer".into() } else { format!("There are {answers} answers") };
        format!(
            "{so_far} so far. Say of at least {ENOUGH} prints in the history whether they failed; then the watch can be fitted to them."
        )
    } else if (threshold - threshold_now).abs() < 1e-3 {
        "The watch fits your answers as well as it can: nothing to change.".into()
    } else {
        words(before, after, prints.len() as u32) + &past.unjudged_words()
    };
    Fitted { possible, threshold, threshold_now, before, after, prints, text }
}

/// Returns the factor with the fewest mistakes, in the middle of the widest room for it; today's when it is as good.
fn best_factor(peaks: &[(Truth, f64)], today: f64) -> f64 {
    let has = |wanted: Truth| peaks.iter().any(|(truth, _)| *truth == wanted);
    let range = if has(Truth::Failed) && has(Truth::Good) { RANGE } else { ONE_SIDED };
    let cost = |factor: f64| -> f64 {
        peaks
            .iter()
            .map(|&(truth, peak)| match truth {
                Truth::Good if peak > factor => 1.0,
                Truth::Failed if peak <= factor => MISSED_WEIGHS,
                Truth::Good | Truth::Failed | Truth::Unknown => 0.0,
            })
            .sum()
    };
    // Between two neighbouring peaks nothing changes: each room is tried once, at its middle by ratio.
    let mut edges: Vec<f64> = peaks.iter().map(|&(_, peak)| peak.clamp(range.0, range.1)).collect();
    edges.extend([range.0, range.1]);
    edges.sort_by(f64::total_cmp);
    let mut best = (cost(today), 0.0, today);
    for pair in edges.windows(2) {
        let (middle, room) = ((pair[0] * pair[1]).sqrt(), pair[1] / pair[0]);
        let here = cost(middle);
        let better = here < best.0 || (here == best.0 && best.1 > 0.0 && room > best.1);
        if better && room > 1.0 {
            best = (here, room, (middle * 100.0).round() / 100.0);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_lies_between_good_and_failed_prints() {
        let peaks = [(Truth::Good, 0.4), (Truth::Good, 1.2), (Truth::Good, 1.3), (Truth::Failed, 1.9)];
        let factor = best_factor(&peaks, 1.0);
        assert!((1.3..1.9).contains(&factor), "{factor}");
        let peaks = [(Truth::Good, 0.3), (Truth::Failed, 0.8), (Truth::Failed, 2.5)];
        let factor = best_factor(&peaks, 1.0);
        assert!((0.5..0.8).contains(&factor), "{factor}");
    }

    #[test]
    fn a_missed_failure_weighs_more_than_a_false_alarm_and_what_is_good_stays() {
        let peaks = [(Truth::Good, 1.5), (Truth::Failed, 1.2), (Truth::Failed, 3.0)];
        assert_eq!(best_factor(&peaks, 1.0), 1.0, "one false alarm, no failure missed: today's is as good");
        assert!(best_factor(&peaks, 1.3) < 1.2, "one missed is worse than one false");
        assert_eq!(best_factor(&[(Truth::Good, 0.9)], 1.0), 1.0);
    }

    #[test]
    fn with_false_alarms_alone_it_moves_only_a_little() {
        let peaks = [(Truth::Good, 1.1), (Truth::Good, 5.0)];
        let factor = best_factor(&peaks, 1.0);
        assert!((1.1..=1.25).contains(&factor), "{factor}");
    }
}
