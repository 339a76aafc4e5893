//! Figures for Prometheus and what reads its form: OpenMetrics, behind a key like all else.
//!
//! Labels are a printer's number and name and a heater's name; no file is named, since each would begin series of its
//! own. What is not known is left out, never said to be 0.

use crate::error::blocking;
use crate::routing::{Routes, get};
use crate::{ApiError, App};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::{PrinterKind, PrinterState, PrinterView};
use station::Snapshot;
use std::fmt::Write;

/// What is sent.
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn routes() -> Routes {
    Routes::new().route("/metrics", get(metrics).sends("application/openmetrics-text"))
}

async fn metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let store = app.station.store().clone();
    let waiting = blocking(move || store.read(store::delivery::waiting)).await?;
    let now = app.station.now();
    let core = Core { uptime_secs: app.started.elapsed().as_secs_f64(), waiting };
    let text = text(&core, &app.station.snapshot(), |view| {
        let done_at = view.vigil.progress.as_ref()?.done_at?;
        Some(done_at.secs_since(now).max(0.0))
    });
    Ok(([(CONTENT_TYPE, TYPE)], text).into_response())
}

/// What is told of the core itself.
struct Core {
    uptime_secs: f64,
    /// Notices that wait to be sent.
    waiting: u64,
}

/// One printer's figure; none where it is not known.
type Figure = fn(&PrinterView) -> Option<f64>;

fn yes(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// Name, what it is, and its figure.
const GAUGES: &[(&str, &str, Figure)] = &[
    ("printvigil_printing", "1 while a print is under way, paused ones included.", |view| {
        Some(yes(view.vigil.state.has_print()))
    }),
    ("printvigil_print_progress_ratio", "How far the print is, 0 to 1.", |view| {
        view.current_print.as_ref()?;
        view.status.progress.completion.map(|percent| percent / 100.0)
    }),
    ("printvigil_print_layer", "Layer of the print, from 1.", |view| {
        view.vigil.progress.as_ref()?.layer.map(f64::from)
    }),
    ("printvigil_failure_probability_ratio", "How likely the last look finds a failure, 0 to 1.", |view| {
        view.vigil.watch.probability.filter(|_| view.vigil.watch.watching)
    }),
    ("printvigil_failure_gauge_ratio", "The gauge of failure detection, 0 to 1.", |view| {
        view.vigil.watch.gauge.filter(|_| view.vigil.watch.watching)
    }),
    ("printvigil_watching", "1 while the print is watched.", |view| Some(yes(view.vigil.watch.watching))),
    ("printvigil_alert", "1 while a possible failure waits for an answer.", |view| {
        Some(yes(view.vigil.alert.is_some()))
    }),
    ("printvigil_alarms", "Alarms that are shown.", |view| Some(view.vigil.alarms.len() as f64)),
    ("printvigil_camera_live", "1 while pictures come.", |view| {
        view.vigil.camera.as_ref().map(|camera| yes(camera.live))
    }),
    (
        "printvigil_resends_ratio",
        "Lines that the printer asked for again, of all since the link opened.",
        |view| Some(view.vigil.resend_percent / 100.0),
    ),
];

/// Returns all figures. `left`: seconds until a printer's print is done.
fn text(core: &Core, snapshot: &Snapshot, left: impl Fn(&PrinterView) -> Option<f64>) -> String {
    let mut out = Out::default();
    out.family("printvigil_build", "info", None, "The version.");
    out.sample("printvigil_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    out.family("printvigil_uptime_seconds", "gauge", Some("seconds"), "Since the core began.");
    out.sample("printvigil_uptime_seconds", &[], core.uptime_secs);
    out.family("printvigil_detector_ok", "gauge", None, "1 while failure detection can look.");
    out.sample("printvigil_detector_ok", &[], yes(snapshot.system.detector.ok));
    out.family("printvigil_notices_waiting", "gauge", None, "Messages that wait to be sent.");
    out.sample("printvigil_notices_waiting", &[], core.waiting as f64);

    let of = |view: &PrinterView| (view.id.to_string(), view.name.clone());
    out.family("printvigil_printer", "info", None, "What a printer is.");
    for view in snapshot.shown() {
        let (id, name) = of(view);
        let kind = match view.vigil.kind {
            PrinterKind::Demo => "demo",
            PrinterKind::Serial | PrinterKind::Agent => "real",
        };
        let labels =
            [("printer", &*id), ("name", &*name), ("kind", kind), ("firmware", &*view.vigil.firmware)];
        out.sample("printvigil_printer_info", &labels, 1.0);
    }
    out.family("printvigil_printer_state", "stateset", None, "What a printer does: one of these is 1.");
    for view in snapshot.shown() {
        let (id, name) = of(view);
        for state in PrinterState::ALL {
            let word = state_word(state);
            let labels = [("printer", &*id), ("name", &*name), ("printvigil_printer_state", &*word)];
            out.sample("printvigil_printer_state", &labels, yes(state == view.vigil.state));
        }
    }
    for (family, help, figure) in GAUGES {
        let unit = family.ends_with("_ratio").then_some("ratio");
        out.family(family, "gauge", unit, help);
        for view in snapshot.shown() {
            let (id, name) = of(view);
            out.known(family, &[("printer", &id), ("name", &name)], figure(view));
        }
    }
    out.family("printvigil_print_left_seconds", "gauge", Some("seconds"), "Until the print is done.");
    for view in snapshot.shown() {
        let (id, name) = of(view);
        out.known("printvigil_print_left_seconds", &[("printer", &id), ("name", &name)], left(view));
    }
    out.family(
        "printvigil_looks",
        "counter",
        None,
        "Looks at the whole picture; its rate is looks per second.",
    );
    for view in snapshot.shown() {
        let (id, name) = of(view);
        let looks = f64::from(view.vigil.watch.lifetime_frame_num);
        out.sample("printvigil_looks_total", &[("printer", &id), ("name", &name)], looks);
    }
    for (family, help, target) in [
        ("printvigil_temperature_celsius", "What a heater has.", false),
        ("printvigil_temperature_target_celsius", "What a heater is to have; 0 is off.", true),
    ] {
        out.family(family, "gauge", Some("celsius"), help);
        // What was known once is not what is so now.
        for view in snapshot.shown().filter(|view| view.vigil.heat.known) {
            let (id, name) = of(view);
            for (heater, t) in &view.status.temperatures {
                let labels = [("printer", &*id), ("name", &*name), ("heater", heater)];
                out.known(family, &labels, if target { t.target } else { Some(t.actual) });
            }
        }
    }
    out.0.push_str("# EOF\n");
    out.0
}

/// Returns a state as the API names it.
fn state_word(state: PrinterState) -> String {
    let word = serde_json::to_value(state).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Text in the form of OpenMetrics.
#[derive(Default)]
struct Out(String);

impl Out {
    fn family(&mut self, name: &str, kind: &str, unit: Option<&str>, help: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if let Some(unit) = unit {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    fn known(&mut self, name: &str, labels: &[(&str, &str)], value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.sample(name, labels, value);
        }
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{}\"", if at == 0 { '{' } else { ',' }, escaped(text));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

/// Escapes a text as it stands between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hostile_in_a_name_stays_between_the_quotes() {
        let mut out = Out::default();
        out.sample("x", &[("name", "a\"} 1\nb\\"), ("b", "")], 2.5);
        assert_eq!(out.0, "x{name=\"a\\\"} 1\\nb\\\\\",b=\"\"} 2.5\n");
        let mut out = Out::default();
        out.known("x", &[], Some(f64::NAN));
        out.known("x", &[], None);
        assert_eq!(out.0, "");
    }

    #[test]
    fn without_printers_it_is_still_whole() {
        let core = Core { uptime_secs: 1.5, waiting: 2 };
        let text = text(&core, &Snapshot::default(), |_| None);
        assert!(text.ends_with("\n# EOF\n") && text.contains("\nprintvigil_notices_waiting 2\n"), "{text}");
        let kinds = text.lines().filter(|line| line.starts_with("# TYPE"));
        assert_eq!(kinds.count(), text.lines().filter(|line| line.starts_with("# HELP")).count());
    }
}
