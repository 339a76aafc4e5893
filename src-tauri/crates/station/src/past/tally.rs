//! Alerts counted, and what changed said in a sentence.

use super::replay::truth_of;
use domain::{Print, Tally, Truth, WhatIfPrint};
use verdict::Reaction;

/// Counts one print.
pub(super) fn count(tally: &mut Tally, truth: Truth, alerted: Option<f64>) {
    let alerts = u32::from(alerted.is_some());
    match truth {
        Truth::Good => {
            tally.good += 1;
            tally.false_alarms += alerts;
        }
        Truth::Failed => {
            tally.failed += 1;
            tally.caught += alerts;
        }
        Truth::Unknown => tally.unknown_alerts += alerts,
    }
}

/// Returns the line of a print.
pub(super) fn line(print: &Print, now: Reaction, then: Reaction) -> WhatIfPrint {
    let secs = |ms: Option<u64>| ms.map(|ms| ms as f64 / 1000.0);
    WhatIfPrint {
        print: print.id,
        name: print.filename.clone(),
        started_at: print.started_at,
        truth: truth_of(print),
        alert_now: secs(now.alert_ms),
        pause_now: secs(now.pause_ms),
        alert_then: secs(then.alert_ms),
        pause_then: secs(then.pause_ms),
    }
}

/// Returns how weighty a line is: prints for which something changes come first, then those with an alert.
pub(super) fn weight(line: &WhatIfPrint) -> u8 {
    if line.alert_now.is_some() != line.alert_then.is_some() {
        0
    } else if line.pause_now.is_some() != line.pause_then.is_some() {
        1
    } else {
        2 + u8::from(line.alert_now.is_none())
    }
}

/// Says what changes: "2 of 3 false alarms vanish, all 4 real ones stay."
pub(super) fn words(now: Tally, then: Tally, prints: u32) -> String {
    if prints == 0 {
        return "There is no past print to try it on yet: looks are kept from now on.".into();
    }
    let mut text = format!("{}, {}.", alarms(now, then), failures(now, then));
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    let (before, after) = (now.unknown_alerts, then.unknown_alerts);
    if before != after {
        text += &format!(" Of prints that nobody judged, {after} would have an alert instead of {before}.");
    }
    text
}

fn alarms(now: Tally, then: Tally) -> String {
    let (before, after) = (now.false_alarms, then.false_alarms);
    if after > before {
        let more = after - before;
        format!("{more} good print{} more would be alerted about", s(more))
    } else if before == 0 {
        "no false alarm before or after".into()
    } else if after == before {
        format!("{} false alarm{} stay{}", before, s(before), if before == 1 { "s" } else { "" })
    } else {
        let gone = before - after;
        let vanish = if gone == 1 { "vanishes" } else { "vanish" };
        if gone == before && before > 1 {
            format!("all {before} false alarms vanish")
        } else {
            format!("{gone} of {before} false alarm{} {vanish}", s(before))
        }
    }
}

fn failures(now: Tally, then: Tally) -> String {
    let (before, after, all) = (now.caught, then.caught, now.failed);
    if all == 0 {
        return "no failed print is known".into();
    }
    if after < before {
        let lost = before - after;
        format!("but {lost} of {before} real failure{} would be missed", s(before))
    } else if after > before {
        let more = after - before;
        format!("{more} more real failure{} would be noticed, {after} of {all}", s(more))
    } else if before == 0 {
        format!("none of {all} real failure{} is noticed either way", s(all))
    } else if before == 1 {
        "the real one stays".into()
    } else {
        format!("all {before} real ones stay")
    }
}

fn s(n: u32) -> &'static str {
    if n == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(false_alarms: u32, caught: u32, failed: u32) -> Tally {
        Tally { false_alarms, good: 20, caught, failed, unknown_alerts: 0 }
    }

    #[test]
    fn the_sentence_says_what_changes() {
        for (now, then, says) in [
            (tally(3, 4, 4), tally(1, 4, 4), "2 of 3 false alarms vanish, all 4 real ones stay."),
            (tally(1, 1, 1), tally(0, 1, 1), "1 of 1 false alarm vanishes, the real one stays."),
            (
                tally(3, 4, 5),
                tally(0, 3, 5),
                "All 3 false alarms vanish, but 1 of 4 real failures would be missed.",
            ),
            (
                tally(0, 2, 3),
                tally(1, 3, 3),
                "1 good print more would be alerted about, 1 more real failure would be noticed, 3 of 3.",
            ),
            (tally(0, 0, 0), tally(0, 0, 0), "No false alarm before or after, no failed print is known."),
            (
                tally(2, 0, 1),
                tally(2, 0, 1),
                "2 false alarms stay, none of 1 real failure is noticed either way.",
            ),
        ] {
            assert_eq!(words(now, then, 9), says);
        }
        assert!(words(tally(0, 0, 0), tally(0, 0, 0), 0).contains("no past print"));
        let unknown = Tally { unknown_alerts: 2, ..tally(0, 0, 0) };
        assert!(words(unknown, tally(0, 0, 0), 9).ends_with("0 would have an alert instead of 2."));
    }
}
