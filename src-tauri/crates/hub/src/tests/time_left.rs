//! Prints replayed: what is shown on the way, against what was really left.

use super::*;
use PrintTimeLeftOrigin::{Analysis, Average, Estimate, Linear, MixedAnalysis, MixedAverage};
use domain::{JobPhase, PrintId};

/// A stretch of a file: bytes, seconds of the analysis, seconds that it really takes.
type Stretch = (u64, f64, f64);

struct Seen {
    /// Share of the real time.
    at: f64,
    /// Seconds shown less seconds left, by the whole.
    error: f64,
    left: f64,
    origin: PrintTimeLeftOrigin,
}

/// Prints a file, reporting every 5 seconds.
fn replay(file: &[Stretch], past: PastTimes, timed: bool, heating_secs: f64) -> Vec<Seen> {
    let sum = |of: fn(&Stretch) -> f64| file.iter().map(of).sum::<f64>();
    let (bytes, analysed, real) = (sum(|s| s.0 as f64), sum(|s| s.1), sum(|s| s.2));
    let mut pace = Pace::default();
    let mut seen = Vec::new();
    let mut secs = 0.0;
    while secs <= real {
        let (mut filepos, mut analysed_secs, mut rest) = (0.0, 0.0, secs);
        for (bytes, analysed, real) in file {
            let part = (rest / real).clamp(0.0, 1.0);
            (filepos, analysed_secs) = (filepos + *bytes as f64 * part, analysed_secs + analysed * part);
            rest -= real;
        }
        let mut job = job(filepos as u64, bytes as u64, secs + heating_secs);
        job.heating_secs = heating_secs;
        job.estimated_secs = (analysed > 0.0).then_some(analysed);
        job.analysed_secs = timed.then_some(analysed_secs);
        pace.note(&job);
        if let Some((left, origin)) = pace.left(&job, past) {
            assert!(left.is_finite() && left >= 0.0);
            seen.push(Seen { at: secs / real, error: (left - (real - secs)) / real, left, origin });
        }
        secs += 5.0;
    }
    seen
}

fn job(filepos: u64, file_bytes: u64, print_secs: f64) -> JobReport {
    JobReport {
        print: PrintId(1),
        file: None,
        name: "x".into(),
        phase: JobPhase::Printing,
        line: 1,
        lines: 2,
        filepos,
        file_bytes,
        layer_idx: None,
        layers: None,
        z_mm: None,
        print_secs,
        heating_secs: 0.0,
        filament_mm: 0.0,
        used: Vec::new(),
        filament_total_mm: None,
        estimated_secs: None,
        analysed_secs: None,
        slicer_left_secs: None,
        left_out: Vec::new(),
        steps: Vec::new(),
        on_card: false,
    }
}

/// The most that was wrong from a share of the time on.
fn worst(seen: &[Seen], from: f64) -> f64 {
    seen.iter().filter(|s| s.at >= from).map(|s| s.error.abs()).fold(0.0, f64::max)
}

fn origins(seen: &[Seen]) -> Vec<PrintTimeLeftOrigin> {
    let mut all: Vec<_> = seen.iter().map(|s| s.origin).collect();
    all.dedup();
    all
}

const NEVER: PastTimes = PastTimes { average_secs: None, last_secs: None };

#[test]
fn a_machine_slower_than_the_analysis_is_found_out() {
    let file = [(100_000, 3000.0, 3600.0)];
    let seen = replay(&file, NEVER, true, 200.0);
    assert_eq!(origins(&seen), [Analysis, MixedAnalysis, Estimate]);
    assert!(worst(&seen, 0.0) < 0.17, "as far off as the analysis at first");
    assert!(
        worst(&seen, 0.3) < 0.06 && worst(&seen, 0.5) < 0.01,
        "{} {}",
        worst(&seen, 0.3),
        worst(&seen, 0.5)
    );
}

#[test]
fn slow_parts_count_for_what_they_take() {
    // Few bytes and much time at the bottom; the other way round on top.
    let file = [(20_000, 2400.0, 2600.0), (80_000, 600.0, 650.0)];
    let by_time = worst(&replay(&file, NEVER, true, 0.0), 0.05);
    let by_bytes = worst(&replay(&file, NEVER, false, 0.0), 0.05);
    assert!(by_time < 0.08, "{by_time}");
    assert!(by_bytes > 3.0 * by_time, "{by_bytes} by bytes, {by_time} by time");
}

#[test]
fn past_prints_are_better_than_the_analysis() {
    let file = [(100_000, 2000.0, 3600.0)];
    let past = PastTimes { average_secs: Some(3850.0), last_secs: Some(3900.0) };
    let seen = replay(&file, past, true, 200.0);
    assert_eq!(origins(&seen), [Average, MixedAverage, Estimate]);
    assert!(worst(&seen, 0.0) < 0.02, "{}", worst(&seen, 0.0));
}

#[test]
fn a_wild_analysis_gives_way_to_the_pace() {
    let seen = replay(&[(100_000, 600.0, 3600.0)], NEVER, true, 0.0);
    assert!(origins(&seen).contains(&Linear));
    assert!(worst(&seen, 0.25) < 0.05, "{}", worst(&seen, 0.25));
}

#[test]
fn without_anything_known_it_is_linear_until_it_settles() {
    let seen = replay(&[(100_000, 0.0, 3600.0)], NEVER, false, 0.0);
    assert_eq!(origins(&seen), [Linear, Estimate]);
    assert!(seen[0].at >= LEAST_SHARE - 0.002, "nothing is said at first");
}

#[test]
fn time_left_does_not_jump_about() {
    let layers: Vec<Stretch> = (0..60)
        .map(|i| (1000 + i % 7 * 300, 50.0 + (i % 5) as f64 * 8.0, 55.0 + (i % 3) as f64 * 9.0))
        .collect();
    for timed in [true, false] {
        let seen = replay(&layers, NEVER, timed, 0.0);
        let real: f64 = layers.iter().map(|l| l.2).sum();
        let jump = seen.windows(2).map(|w| w[1].left - w[0].left).fold(0.0, f64::max);
        assert!(jump < 0.06 * real, "it rose by {jump:.0} of {real:.0} s");
        assert!(seen.last().unwrap().left < 0.02 * real, "it ends at the end");
    }
}

#[test]
fn the_mixture_lies_between_its_parts() {
    // OctoPrint's weights would give a negative total here.
    let mut pace = Pace::default();
    let at = |share: f64| job((share * 1e6) as u64, 1_000_000, share * 4000.0);
    (0..60).for_each(|i| pace.note(&at(0.02 + f64::from(i) * STEP)));
    let mut job = at(0.32);
    job.estimated_secs = Some(3600.0);
    let (left, origin) = pace.left(&job, NEVER).unwrap();
    assert_eq!(origin, MixedAnalysis);
    let total = left + job.print_secs;
    assert!((total - (3600.0 * 0.36 + 4000.0 * 0.64)).abs() < 5.0, "{total}");
}

#[test]
fn strange_numbers_stay_numbers() {
    let values = [0.0, -5.0, 1e-9, 1.0, 3600.0, 1e12, f64::INFINITY, f64::NAN];
    for print_secs in values {
        for known in values {
            let mut job = job(5, 10, print_secs);
            job.estimated_secs = Some(known);
            job.analysed_secs = Some(known / 2.0);
            let mut pace = Pace::default();
            pace.note(&job);
            let past = PastTimes { average_secs: Some(known), last_secs: None };
            if let Some((left, _)) = pace.left(&job, past) {
                assert!(left.is_finite() && left >= 0.0, "{print_secs} {known}: {left}");
            }
        }
    }
}

#[test]
fn a_past_that_the_file_contradicts_is_not_gone_by() {
    let mut job = job(0, 1000, 0.0);
    job.estimated_secs = Some(1740.0);
    for (past_secs, origin) in
        [(15_120.0, Analysis), (400.0, Analysis), (1900.0, Average), (600.0, Average), (5_000.0, Average)]
    {
        let past = PastTimes { average_secs: Some(past_secs), last_secs: Some(past_secs) };
        let (left, by) = Pace::default().left(&job, past).expect("known");
        assert_eq!(by, origin, "{past_secs}");
        assert!(left <= 1740.0 * 3.0, "{left}");
    }
    job.estimated_secs = None;
    let past = PastTimes { average_secs: Some(15_120.0), last_secs: None };
    assert_eq!(Pace::default().left(&job, past).map(|(_, by)| by), Some(Average), "nothing contradicts it");
}

#[test]
fn every_source_is_told_and_which_of_them_are_gone_by() {
    use TimeSourceKind::{Analysis, Live, M73, PastPrints, Slicer};
    let told = |sources: Vec<TimeSource>| -> Vec<(TimeSourceKind, f64, bool)> {
        sources.into_iter().map(|source| (source.kind, source.left_secs.round(), source.used)).collect()
    };
    let mut job = job(250, 1000, 1100.0);
    (job.heating_secs, job.estimated_secs, job.analysed_secs) = (100.0, Some(3600.0), Some(900.0));
    job.slicer_left_secs = Some(2400.0);
    let past = PastTimes { average_secs: Some(4100.0), last_secs: None };
    let sources = Pace::default().sources(&job, past, Some(3200.0));
    let all = [
        (Slicer, 2400.0, false),
        (M73, 2400.0, false),
        (Analysis, 2700.0, false),
        (PastPrints, 3000.0, true),
        (Live, 3000.0, false),
    ];
    assert_eq!(told(sources), all);
    // Nothing but the pace, and a slicer's line that cannot be.
    (job.estimated_secs, job.analysed_secs, job.slicer_left_secs) = (None, None, Some(f64::NAN));
    assert_eq!(told(Pace::default().sources(&job, NEVER, None)), [(Live, 3000.0, true)]);
    job.file_bytes = 0;
    assert_eq!(told(Pace::default().sources(&job, NEVER, None)), [], "how far it is, is not known");
}
