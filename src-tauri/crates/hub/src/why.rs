//! The reasons of the watch in sentences, for people.

use domain::{GaugeZone, Place, PredictionState, Reasons, Rule, ScaleSource};
use verdict::{SceneTrouble, Thresholds};

/// A share of the heat that is worth a word.
const WORTH_A_WORD: f64 = 0.3;
/// A score below this has nothing to it.
const QUIET_P: f64 = 0.1;

/// Returns a few sentences, the weightiest first.
pub(crate) fn why(reasons: &Reasons) -> Vec<String> {
    let mut says = vec![verdict_words(reasons)];
    if reasons.may_alert_in_secs > 0.0 {
        says.push(format!(
            "The print has just begun: alerts are possible in {:.0} s.",
            reasons.may_alert_in_secs.ceil()
        ));
    }
    if let Some(scaled) = reasons.scaled.filter(|_| reasons.scale == ScaleSource::Camera) {
        if scaled > reasons.p + WORTH_A_WORD {
            says.push(
                "It stands out from what this camera shows while all is well, so it counts more.".into(),
            );
        } else if scaled + WORTH_A_WORD < reasons.p && reasons.counted < reasons.p {
            says.push("This camera often shows as much while all is well, so it counts less.".into());
        }
    }
    if reasons.p > QUIET_P {
        if reasons.known > WORTH_A_WORD {
            says.push("Part of what looks suspicious was there before the print, and does not count.".into());
        }
        if reasons.passing > WORTH_A_WORD {
            says.push(
                "Part of it does not stay in its place, as the print head does not, and hardly counts."
                    .into(),
            );
        }
        if reasons.ignored > WORTH_A_WORD {
            says.push("Part of it lies where you told the watch not to look.".into());
        }
    }
    says
}

fn verdict_words(reasons: &Reasons) -> String {
    let lasting = if reasons.for_secs >= 2.0 {
        format!(" It has been there for {}.", crate::words::span_word(reasons.for_secs))
    } else {
        String::new()
    };
    let place = reasons.place.map(place_words).unwrap_or("in the picture");
    match reasons.verdict {
        GaugeZone::Pause => format!("Something {place} looks plainly like loose filament.{lasting}"),
        GaugeZone::Alert => format!("Something {place} looks like loose filament.{lasting}"),
        GaugeZone::Fine if reasons.level > reasons.warn_above / 2.0 => {
            format!("Something {place} looks a little suspicious, but not enough for an alert.{lasting}")
        }
        GaugeZone::Fine if reasons.p > QUIET_P && reasons.counted > QUIET_P => {
            "The last picture looks a little suspicious; one picture alone does not count for much.".into()
        }
        GaugeZone::Fine => "Nothing looks like a failure.".into(),
    }
}

fn place_words(place: Place) -> &'static str {
    let (x, y) = (place.x + place.w / 2.0, place.y + place.h / 2.0);
    match (x < 0.33, x > 0.67, y < 0.33, y > 0.67) {
        (true, _, true, _) => "at the upper left",
        (_, true, true, _) => "at the upper right",
        (true, _, _, true) => "at the lower left",
        (_, true, _, true) => "at the lower right",
        (true, _, _, _) => "at the left",
        (_, true, _, _) => "at the right",
        (_, _, true, _) => "at the top",
        (_, _, _, true) => "at the bottom",
        _ => "in the middle of the picture",
    }
}

/// Obico's rule in the same form.
pub(crate) fn obico_reasons(
    state: &PredictionState,
    t: Thresholds,
    verdict: GaugeZone,
    ignored: f64,
    place: Option<Place>,
) -> Reasons {
    Reasons {
        rule: Rule::Obico,
        verdict,
        p: state.current_p,
        scaled: None,
        scale: ScaleSource::None,
        counted: state.current_p,
        ignored,
        known: 0.0,
        passing: 0.0,
        level: t.level,
        warn_above: t.warn_above,
        pause_above: t.pause_above,
        gauge: state.normalized_p,
        place,
        for_secs: 0.0,
        may_alert_in_secs: 0.0,
    }
}

/// A trouble of the camera's picture: its name for code, what is wrong, what to do, and whether it blinds the watch.
pub(crate) struct TroubleWords {
    pub(crate) kind: &'static str,
    pub(crate) text: &'static str,
    pub(crate) cure: &'static str,
    pub(crate) blinds: bool,
}

/// Returns the words for a trouble.
pub(crate) fn trouble_words(trouble: SceneTrouble) -> TroubleWords {
    let (text, cure, blinds) = match trouble {
        SceneTrouble::Dark => {
            ("The camera's picture is too dark.", "Switch a light on, or keep one on for the night.", true)
        }
        SceneTrouble::Bright => (
            "The camera's picture is far too bright.",
            "Turn the camera away from the lamp or window, or lower its exposure.",
            true,
        ),
        SceneTrouble::Covered => (
            "Something covers the camera: its picture is one flat colour.",
            "Take away what is in front of the lens.",
            true,
        ),
        SceneTrouble::Frozen => (
            "The camera sends the same picture again and again.",
            "Unplug the camera and plug it in again.",
            true,
        ),
        SceneTrouble::Blurred => (
            "The camera's picture has become blurred.",
            "Clean the lens and set its focus by hand, if it has one.",
            false,
        ),
        SceneTrouble::Moved => (
            "The camera does not look where it looked before.",
            "Turn it back, or check the ignored areas: they stay where they are in the picture.",
            false,
        ),
    };
    TroubleWords { kind: trouble.word(), text, cure, blinds }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons() -> Reasons {
        let fresh = PredictionState::fresh(domain::PrinterId(1), domain::Timestamp::from_micros(0));
        let t = verdict::thresholds(&fresh, 1.0);
        obico_reasons(&fresh, t, GaugeZone::Fine, 0.0, None)
    }

    #[test]
    fn the_sentences_say_where_how_long_and_what_did_not_count() {
        assert_eq!(why(&reasons()), ["Nothing looks like a failure."]);
        let place = Some(Place { x: 0.1, y: 0.8, w: 0.1, h: 0.1 });
        let bad = Reasons {
            verdict: GaugeZone::Pause,
            p: 1.5,
            counted: 1.4,
            place,
            for_secs: 42.0,
            known: 0.5,
            passing: 0.4,
            ignored: 0.9,
            ..reasons()
        };
        let says = why(&bad);
        assert!(says[0].contains("at the lower left") && says[0].contains("42 s"), "{says:?}");
        assert_eq!(says.len(), 4, "{says:?}");
        let early = Reasons { may_alert_in_secs: 12.3, level: 0.9, warn_above: 0.38, ..reasons() };
        assert!(why(&early)[1].contains("13 s"), "{:?}", why(&early));
    }
}
