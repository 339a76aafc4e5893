//! A link, and the time: what tests of dialogues share.

use crate::AgentLink;
use domain::{Agent, Initiator, JobEnd, LinkChange, Now, Order, PauseRecipe, PrintId, PrinterReport};
use serde_json::{Value, json};

pub(crate) const RECIPE: PauseRecipe =
    PauseRecipe { retract_mm: 6.5, lift_z_mm: 2.5, max_z_mm: 250.0, hotend_off: true, bed_off: false };

/// A link, and the time.
pub(crate) struct Desk {
    pub(crate) link: AgentLink,
    pub(crate) ms: u64,
    report: Option<Box<PrinterReport>>,
    next: i64,
}

impl Desk {
    pub(crate) fn new(name: &str) -> Self {
        let agent = Agent { name: name.into(), version: "2".into() };
        let mut link = AgentLink::new(agent, Now::at(0));
        link.handle_connected(Now::at(0));
        Self { link, ms: 0, report: None, next: 1 }
    }

    pub(crate) fn now(&self) -> Now {
        Now::at(self.ms)
    }

    pub(crate) fn pass(&mut self, secs: u64) {
        for _ in 0..secs {
            self.ms += 1000;
            self.link.handle_timeout(Now::at(self.ms));
        }
    }

    /// A status of the print with this number (0: none), made now.
    pub(crate) fn status(&mut self, print: i64, name: &str, text: &str, flags: &[&str], event: Option<&str>) {
        let ts = self.now().utc.micros() as f64 / 1e6;
        self.status_of(ts, print, name, text, flags, event);
    }

    pub(crate) fn status_of(
        &mut self,
        ts: f64,
        print: i64,
        name: &str,
        text: &str,
        flags: &[&str],
        event: Option<&str>,
    ) {
        let flags: Value = flags.iter().map(|flag| ((*flag).to_owned(), json!(true))).collect();
        let mut message = json!({
            "current_print_ts": if print == 0 { -1 } else { print },
            "status": {
                "_ts": ts,
                "state": {"text": text, "flags": flags},
                "job": {"file": {"name": if name.is_empty() { Value::Null } else { json!(name) }}},
                "progress": {"completion": 40.0, "printTime": 60, "printTimeLeft": 100},
                "temperatures": {
                    "extruder": {"actual": 205.1, "target": 205.0, "offset": 0},
                    "heater_bed": {"actual": 60.0, "target": 60.0},
                    "temperature_sensor mcu": {"actual": 40.0, "target": null},
                },
            },
        });
        if let Some(event) = event {
            message["event"] = json!({"event_type": event, "data": {}});
        }
        self.hear(&message);
    }

    pub(crate) fn printing(&mut self, print: i64, name: &str) {
        self.status(print, name, "Printing", &["operational", "printing"], None);
    }

    pub(crate) fn paused(&mut self, print: i64, name: &str) {
        self.status(print, name, "Paused", &["operational", "paused"], None);
    }

    pub(crate) fn idle(&mut self) {
        self.status(0, "", "Operational", &["operational", "ready"], None);
    }

    pub(crate) fn hear(&mut self, message: &Value) {
        self.link.handle_message(&message.to_string(), self.now());
    }

    /// What has changed; a print that wants a number gets one.
    pub(crate) fn changes(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Some(change) = self.link.poll_change() {
            let other = format!("{change:?}");
            said.push(match &change {
                LinkChange::AgentPrint { name, ext_id } => {
                    let order = Order::Follow { print: PrintId(self.next), ext_id: *ext_id };
                    self.next += 1;
                    let now = self.now();
                    self.link.handle_order(order, now);
                    format!("print {name} {ext_id}")
                }
                LinkChange::Ended(print, JobEnd::Interrupted { .. }) => format!("{print} interrupted"),
                LinkChange::Ended(print, JobEnd::Cancelled(by)) => format!("{print} cancelled {by:?}"),
                LinkChange::Ended(print, JobEnd::Finished) => format!("{print} finished"),
                LinkChange::Ended(print, JobEnd::Unknown { .. }) => format!("{print} unknown"),
                LinkChange::Started(print) => format!("{print} started"),
                LinkChange::Paused(print, by) => format!("{print} paused {by:?}"),
                LinkChange::Resumed(print, by) => format!("{print} resumed {by:?}"),
                LinkChange::Refused { order, reason, .. } => format!("refused {order:?} {reason:?}"),
                LinkChange::Up { .. } => "up".into(),
                LinkChange::Lost { .. } => "lost".into(),
                LinkChange::AgentTrouble(text) => format!("trouble {}", text.is_some()),
                LinkChange::StopFailed { why } => format!("stop failed: {why}"),
                LinkChange::AgentCamera(turned) => format!("turned {}", u16::from(turned.rotation)),
                LinkChange::PauseUnconfirmed(print, _) => format!("{print} pause unconfirmed"),
                LinkChange::CardPrint { .. }
                | LinkChange::AgentSays(_)
                | LinkChange::Rebooted
                | LinkChange::AppFault { .. }
                | LinkChange::Halted { .. }
                | LinkChange::Silent { .. }
                | LinkChange::Speaks
                | LinkChange::HeaterFault(_)
                | LinkChange::HeatersOff { .. }
                | LinkChange::LineRefused { .. }
                | LinkChange::FilamentChange { .. }
                | LinkChange::Says(_) => other,
            });
        }
        said
    }

    pub(crate) fn sent(&mut self) -> Vec<Value> {
        let all = std::iter::from_fn(|| self.link.poll_message());
        let read = all.map(|text| serde_json::from_str::<Value>(&text).expect("JSON"));
        read.filter(|message| message.get("remote_status").is_none()).collect()
    }

    pub(crate) fn report(&mut self) -> &PrinterReport {
        let now = self.now();
        self.report = self.link.poll_report(now).or(self.report.take());
        self.report.as_deref().expect("a report")
    }

    pub(crate) fn pause(&mut self) {
        let now = self.now();
        self.link.handle_order(Order::Pause(RECIPE, Initiator::Detection), now);
    }
}
