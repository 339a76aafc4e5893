//! A whole print with a series of scores, against the rule applied by hand.

use super::desk::{Desk, ID, experienced};
use domain::{AlertOverwrite, Effect, Initiator, NoticeKind, Request};
use verdict::Verdict;

/// The score of each look: clean, a flicker, a rise, a failure that stays, clean again.
fn series() -> Vec<f64> {
    let mut scores = Vec::new();
    // Made up by a small generator, the same each time.
    let mut seed = 12_345_u64;
    let mut noise = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f64 / (1u64 << 24) as f64
    };
    for n in 0..1200 {
        let base = match n {
            0..400 => 0.02,
            400..403 => 0.9,
            403..600 => 0.03,
            600..700 => f64::from(n - 600) * 0.004,
            700..760 => 1.1,
            _ => 0.02,
        };
        scores.push(base + noise() * 0.05);
    }
    scores
}

#[test]
fn the_hub_does_what_the_rule_says_over_a_long_print() {
    let mut desk = Desk::ready();
    desk.start();
    let mut rule = experienced();
    verdict::begin_print(&mut rule, desk.now().utc);
    let (mut alerts, mut pauses) = (Vec::new(), Vec::new());
    let (mut expected_alerts, mut expected_pauses) = (Vec::new(), Vec::new());
    // What must happen, from Obico's rules alone: seconds of the last alert and answer, and what is open.
    let (mut alerted, mut answered, mut open, mut armed) =
        (f64::NEG_INFINITY, f64::NEG_INFINITY, false, true);
    for (n, p) in series().into_iter().enumerate() {
        desk.pass_secs(10.0);
        let t = desk.ms as f64 / 1000.0;
        let verdict = verdict::look(&mut rule, p, 1.0, desk.now().utc);
        let may_alert = t - alerted >= 90.0 && !open;
        let pausing = verdict == Verdict::Pause && armed;
        if pausing && t - answered >= 90.0 {
            expected_pauses.push(n);
            (alerted, open, armed) = (t, true, false);
        } else if verdict != Verdict::Fine && !pausing && may_alert {
            expected_alerts.push(n);
            (alerted, open) = (t, true);
        }

        let effects = desk.look_now(p);
        for effect in &effects {
            if let Effect::Notify(notice) = effect {
                let list = if notice.kind == NoticeKind::FailurePaused { &mut pauses } else { &mut alerts };
                assert!(
                    [NoticeKind::FailurePaused, NoticeKind::FailureAlert].contains(&notice.kind),
                    "look {n}: {notice:?}"
                );
                list.push(n);
            }
        }
        if effects.iter().any(|e| matches!(e, Effect::Order(..))) {
            // Half a minute later somebody says it is fine.
            desk.confirm_pause(Initiator::Detection);
            desk.pass_secs(30.0);
            answered = desk.ms as f64 / 1000.0;
            (open, armed) = (false, true);
            desk.resume();
        } else if alerts.last() == Some(&n) {
            desk.pass_secs(5.0);
            answered = desk.ms as f64 / 1000.0;
            open = false;
            desk.ask(Request::Acknowledge(ID, Some(AlertOverwrite::NotFailed)));
        }
        let watch = desk.view().vigil.watch;
        assert_eq!(watch.ewm_mean, rule.ewm_mean, "look {n}");
        assert_eq!(watch.rolling_mean_long, rule.rolling_mean_long, "look {n}");
    }
    assert_eq!((alerts, pauses), (expected_alerts.clone(), expected_pauses.clone()));
    assert!(
        !expected_alerts.is_empty() && expected_pauses.len() > 1,
        "the series tries both, and a second pause"
    );
    let percent = desk.view().vigil.watch.watched_percent.unwrap();
    assert!(percent > 99.0, "watched all along: {percent} %");
}
