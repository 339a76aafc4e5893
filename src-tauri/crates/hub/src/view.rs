//! What is shown of a printer, composed from what is known. Nothing here decides.

use crate::link::link_words;
use crate::watch::PrintWatch;
use crate::world::World;
use domain::{
    CameraHealth, CameraId, CameraSource, CameraView, Can, DotState, FrameId, HealthDot, LinkState, Now, Pic,
    PrintView, PrinterKind, PrinterSettings, PrinterState, PrinterView, StepView, StreamRatio, VigilView,
};
use std::collections::BTreeMap;

/// Returns the relative URL of one frame: from the ring while it is there, from disk when it was kept.
pub fn frame_url(frame: FrameId) -> String {
    format!("/api/v1/vigil/frames/{frame}.jpg")
}

/// Returns the relative URL of a camera's newest frame.
pub fn live_url(camera: CameraId) -> String {
    format!("/api/v1/vigil/cameras/{camera}/frame.jpg")
}

impl PrintWatch {
    /// Composes the view, numbered as the last one was.
    pub(crate) fn compose(&self, world: &World, now: Now) -> PrinterView {
        let s = &self.settings;
        PrinterView {
            id: s.id,
            name: s.name.clone(),
            created_at: s.created_at,
            action_on_failure: s.action_on_failure,
            watching_enabled: s.watching_enabled,
            not_watching_reason: self.not_watching(world).map(|reason| reason.text().to_owned()),
            tools_off_on_pause: s.tools_off_on_pause,
            bed_off_on_pause: s.bed_off_on_pause,
            retract_on_pause: s.retract_on_pause,
            lift_z_on_pause: s.lift_z_on_pause,
            detective_sensitivity: s.detective_sensitivity,
            min_timelapse_secs_on_finish: s.min_timelapse_secs_on_finish,
            min_timelapse_secs_on_cancel: s.min_timelapse_secs_on_cancel,
            auth_token: s.auth_token.clone(),
            archived_at: s.archived_at,
            agent_name: Some("printvigil".into()),
            agent_version: Some(world.version.clone()),
            pic: self.camera_view(world).filter(|c| c.live).map(|c| Pic { img_url: live_url(c.id) }),
            status: self.status(),
            settings: self.obico_settings(world),
            current_print: self.running.as_ref().map(|running| PrintView::from(&running.print)),
            normalized_p: self.prediction.normalized_p,
            vigil: self.vigil_view(world, now),
        }
    }

    fn vigil_view(&self, world: &World, now: Now) -> VigilView {
        let s = &self.settings;
        let firmware = self.report.as_ref().and_then(|report| report.firmware.clone()).unwrap_or_default();
        let steps = self.running.as_ref().and_then(|r| r.job.as_ref()).map(|job| job.steps.as_slice());
        VigilView {
            seq: self.seq,
            kind: s.kind,
            state: self.state(),
            state_word: self.state().word().into(),
            state_detail: self.state_detail(),
            link: self.report.as_ref().map(|report| report.link.clone()).unwrap_or_default(),
            port: s.port.clone(),
            firmware: firmware.name,
            capabilities: firmware.capabilities,
            dots: vec![self.usb_dot(), self.camera_dot(world), self.watch_dot(world)],
            progress: self.progress_view(),
            steps: steps
                .unwrap_or_default()
                .iter()
                .map(|step| StepView {
                    label: step.label.clone(),
                    detail: step.detail.clone(),
                    done: step.done,
                })
                .collect(),
            pause_confirmed: self.running.as_ref().is_some_and(|running| running.pause_confirmed),
            alarm: self.alarm.as_ref().map(|alarm| alarm.text.clone()),
            switch_off_now: self.switch_off_now,
            watch: self.watch_view(world, now),
            alert: self.alert_view(),
            camera: self.camera_view(world),
            can: self.can(),
            bed_off_at: self.heat.bed_off_at(),
            heaters_off_at: self.heat.heaters_off_at(),
            history_lost: world.history_lost.clone(),
            watch_settings: s.watch,
            bed_hold_mins: s.bed_hold_mins,
            max_z_mm: s.max_z_mm,
            resend_percent: self.resend_percent(),
            tools: self.report.as_ref().map(|report| report.tools.clone()).unwrap_or_default(),
            clock_scale: self.scale,
            machine: s.machine.clone(),
            safety: s.machine.as_ref().map(|machine| machine.safety()).unwrap_or_default(),
            sd: self.report.as_ref().and_then(|report| report.sd.clone()),
            idle_heat_mins: self.heat.idle_mins(),
        }
    }

    fn state_detail(&self) -> String {
        if let Some(starting) = &self.starting {
            return format!("starting {}", starting.job.name);
        }
        match (self.alert(), self.state()) {
            (Some(_), PrinterState::Pausing | PrinterState::Paused) => "possible failure".into(),
            (Some(_), PrinterState::Heating | PrinterState::Printing | PrinterState::Finishing) => {
                "possible failure, still printing".into()
            }
            (None, PrinterState::Printing) => {
                self.completion().map(|percent| format!("{percent:.0} %")).unwrap_or_default()
            }
            (_, PrinterState::Paused) if self.running.as_ref().is_some_and(|r| r.paused_by_watch) => {
                "by the watch".into()
            }
            (Some(_) | None, _) => String::new(),
        }
    }

    fn resend_percent(&self) -> f64 {
        let Some(report) = self.report.as_ref().filter(|report| report.lines_sent > 0) else { return 0.0 };
        let percent = report.resends as f64 * 100.0 / report.lines_sent as f64;
        (percent * 100.0).round() / 100.0
    }

    /// Returns what may be pressed; the answers to requests agree with it.
    pub(crate) fn can(&self) -> Can {
        let state = self.state();
        let runs = self.running.is_some();
        let free = !runs && self.starting.is_none();
        let up = self.link_up();
        let has_port = self.settings.kind == PrinterKind::Demo || self.settings.port.is_some();
        let open = self.report.as_ref().is_some_and(|report| report.link != LinkState::Closed);
        Can {
            start: up && free && state == PrinterState::Operational,
            pause: runs
                && matches!(state, PrinterState::Heating | PrinterState::Printing | PrinterState::Resuming),
            resume: runs && state == PrinterState::Paused,
            cancel: runs && state != PrinterState::Cancelling,
            home: up && free && state == PrinterState::Operational,
            heat: up && !matches!(state, PrinterState::Cancelling | PrinterState::Finishing),
            connect: !up && has_port,
            disconnect: open && free && !state.has_print(),
            drill: self.can_drill(),
        }
    }

    fn usb_dot(&self) -> HealthDot {
        let link = self.report.as_ref().map_or(&LinkState::Closed, |report| &report.link);
        let at_work = self.report.as_ref().and_then(|report| report.at_work.as_deref());
        let words = self.report.as_deref().map(link_words).unwrap_or_default();
        let (state, reason, fix) = match link {
            LinkState::Closed => (
                DotState::Unknown,
                "Not connected.".to_owned(),
                if self.settings.port.is_none() && self.settings.kind == PrinterKind::Serial {
                    "Choose the printer's port in the settings."
                } else {
                    "Switch the printer on and press Connect."
                },
            ),
            LinkState::Opening if at_work.is_some() => (
                DotState::Attention,
                format!("The printer does work of its own: {}.", at_work.unwrap_or_default()),
                "Let it finish. The port stays open and nothing is sent that would disturb it.",
            ),
            LinkState::Opening => (
                DotState::Attention,
                "The port is open; the printer has not answered yet.".into(),
                "Wait a moment.",
            ),
            LinkState::Up => self.link_up_words(words),
            LinkState::Lost { why } => {
                (DotState::Danger, why.clone(), "Check the USB cable and the printer's power.")
            }
            LinkState::Halted { text } => (
                DotState::Danger,
                format!("The printer stopped: {text}"),
                "Find the cause, then reset the printer.",
            ),
        };
        HealthDot { name: "usb".into(), state, label: "USB".into(), reason, fix: fix.into() }
    }

    fn camera_dot(&self, world: &World) -> HealthDot {
        let (state, reason, fix) = match world.camera(self.settings.camera) {
            None => {
                (DotState::Unknown, "No camera is chosen.".to_owned(), "Choose a camera in the settings.")
            }
            Some(seen) => match &seen.health {
                CameraHealth::Opening => {
                    (DotState::Attention, "The camera is being opened.".into(), "Wait a moment.")
                }
                CameraHealth::Live { .. } if self.scene.told().is_some() => {
                    let words = self.scene.told().map(crate::why::trouble_words);
                    let state = if words.as_ref().is_some_and(|w| w.blinds) {
                        DotState::Danger
                    } else {
                        DotState::Attention
                    };
                    let (text, cure) = words.map(|w| (w.text, w.cure)).unwrap_or_default();
                    (state, text.to_owned(), cure)
                }
                CameraHealth::Live { width, height } => {
                    (DotState::Ok, format!("{}, {width} x {height}", seen.camera.name), "")
                }
                CameraHealth::Lost { why } => {
                    (DotState::Danger, why.clone(), "Check the camera's cable; it is tried again by itself.")
                }
            },
        };
        HealthDot { name: "camera".into(), state, label: "Camera".into(), reason, fix: fix.into() }
    }

    pub(crate) fn camera_view(&self, world: &World) -> Option<CameraView> {
        let seen = world.camera(self.settings.camera)?;
        let (live, reason, size) = match &seen.health {
            CameraHealth::Opening => (false, "The camera is being opened.".into(), None),
            CameraHealth::Live { width, height } => (true, String::new(), Some((*width, *height))),
            CameraHealth::Lost { why } => (false, why.clone(), None),
        };
        let ignore = seen.ignore.clone();
        Some(CameraView { id: seen.camera.id, camera: seen.camera.clone(), live, reason, size, ignore })
    }

    fn obico_settings(&self, world: &World) -> PrinterSettings {
        let seen = world.camera(self.settings.camera);
        let size =
            self.camera_view(world).and_then(|view| view.size).or_else(|| match &seen?.camera.source {
                CameraSource::Device { format, .. } => format.map(|(width, height, _)| (width, height)),
                CameraSource::Snapshot { .. } | CameraSource::Mjpeg { .. } | CameraSource::Demo => None,
            });
        let camera = seen.map(|seen| &seen.camera);
        PrinterSettings {
            webcam_flipV: camera.is_some_and(|camera| camera.flip_v),
            webcam_flipH: camera.is_some_and(|camera| camera.flip_h),
            webcam_streamRatio: size.map_or(StreamRatio::SixteenNine, |(w, h)| StreamRatio::nearest(w, h)),
            webcam_rotation: camera.map_or(0, |camera| camera.rotation.into()),
            agent_name: "printvigil".into(),
            agent_version: world.version.clone(),
            temp_profiles: temp_profiles(),
        }
    }
}

/// Presets that suit most machines.
fn temp_profiles() -> Vec<BTreeMap<String, serde_json::Value>> {
    [("PLA", 205, 60), ("PETG", 240, 80), ("ABS", 245, 100), ("TPU", 225, 50)]
        .into_iter()
        .map(|(name, extruder, bed)| {
            BTreeMap::from([
                ("name".to_owned(), serde_json::Value::from(name)),
                ("extruder".to_owned(), serde_json::Value::from(extruder)),
                ("bed".to_owned(), serde_json::Value::from(bed)),
            ])
        })
        .collect()
}
