//! What is shown of a printer, composed from its parts. Nothing here decides.

use super::PrinterSession;
use crate::camera_view::{camera_view, obico_settings, other_cameras};
use crate::can::can;
use crate::dots;
use crate::facts::Facts;
use crate::shown::ByTheClock;
use crate::status_view::{completion, progress_view, status};
use crate::step::StepContext;
use crate::urls::live_url;
use domain::{Effect, PauseStep, Pic, PrinterState, PrinterView, StepView, VigilView};

impl PrinterSession {
    /// Shows what has changed. The view is composed at most once a step, and not at all when nothing that it shows can
    /// have changed.
    pub(crate) fn publish(&mut self, cx: &mut StepContext<'_>) {
        let facts = facts!(self, cx);
        let by_the_clock = ByTheClock {
            warning: self.faults.warning(facts.now),
            heat: facts.heat_view(),
            watched_percent: self.watchdog.watched_percent(facts.now),
            watched_secs: self.watchdog.covered_secs().1,
            gap_to: self.coverage.has_open_gap().then_some(facts.now.utc),
            hours_left: facts.world.hours.left(),
        };
        let changed = !cx.only_time || cx.out.has_changed();
        if !self.shown.is_stale(changed, by_the_clock) {
            return;
        }
        let view = self.compose(&facts!(self, cx));
        if let Some(view) = self.shown.show(view) {
            cx.out.effect(Effect::Publish(Box::new(view)));
        }
    }

    /// Composes the view, not numbered yet.
    fn compose(&self, facts: &Facts<'_>) -> PrinterView {
        let s = facts.settings;
        PrinterView {
            id: s.id,
            name: s.name.clone(),
            created_at: s.created_at,
            action_on_failure: s.action_on_failure,
            watching_enabled: s.watching_enabled,
            not_watching_reason: facts.not_watching().map(|reason| reason.text().to_owned()),
            tools_off_on_pause: s.tools_off_on_pause,
            bed_off_on_pause: s.bed_off_on_pause,
            retract_on_pause: s.retract_on_pause,
            lift_z_on_pause: s.lift_z_on_pause,
            detective_sensitivity: s.detective_sensitivity,
            min_timelapse_secs_on_finish: s.min_timelapse_secs_on_finish,
            min_timelapse_secs_on_cancel: s.min_timelapse_secs_on_cancel,
            auth_token: s.auth_token.clone(),
            archived_at: s.archived_at,
            agent_name: Some(facts.agent().name),
            agent_version: Some(facts.agent().version),
            pic: camera_view(facts)
                // Nobody looks at a printer that was put away.
                .filter(|camera| camera.live && s.archived_at.is_none())
                .map(|camera| Pic { img_url: live_url(camera.id) }),
            status: status(&self.print, facts),
            settings: obico_settings(facts),
            current_print: self.print.view(&facts.world.files),
            normalized_p: self.detection.prediction().normalized_p,
            vigil: self.vigil_view(facts),
        }
    }

    fn vigil_view(&self, facts: &Facts<'_>) -> VigilView {
        let s = facts.settings;
        let report = facts.report();
        let firmware = report.and_then(|report| report.firmware.clone()).unwrap_or_default();
        VigilView {
            // Numbered when it is shown.
            seq: 0,
            kind: s.kind,
            state: facts.state(),
            state_word: facts.state().word().into(),
            state_detail: self.state_detail(facts),
            link: report.map(|report| report.link.clone()).unwrap_or_default(),
            port: s.port.clone(),
            firmware: firmware.name,
            capabilities: firmware.capabilities,
            dots: vec![dots::link(facts), dots::camera(&self.scene, facts), self.watch_dot(facts)],
            progress: progress_view(&self.print, facts),
            steps: self.step_views(),
            pause_confirmed: facts.print.is_some() && facts.pause_confirmed,
            alarm: self.alarms.gravest(),
            alarms: self.alarms.views(),
            warning: self.faults.warning(facts.now),
            heat: facts.heat_view(),
            last_print: self.last.view().filter(|_| facts.print.is_none()),
            queue: self.queue.items().to_vec(),
            spools: self.spools.loaded(),
            spool_asked: self.spools.asked(),
            switch_off_now: self.faults.switch_off_now(),
            reminders: self.reminders.told(),
            watch: self.watch_view(facts),
            alert: self.alerts.view(self.detection.looks()),
            camera: camera_view(facts),
            other_cameras: other_cameras(facts),
            can: can(facts, self.drills.can_begin(facts)),
            bed_off_at: self.heaters.bed_off_at(),
            heaters_off_at: self.heaters.heaters_off_at(),
            history_lost: facts.world.history_lost.clone(),
            watch_settings: s.watch,
            bed_hold_mins: s.bed_hold_mins,
            max_z_mm: s.max_z_mm,
            filament_diameter_mm: s.filament_diameter_mm,
            resend_percent: resend_percent(facts),
            tools: facts.tools().cloned().unwrap_or_default(),
            clock_scale: facts.clock_scale(),
            machine: s.machine.clone(),
            safety: s.machine.as_ref().map(|machine| machine.safety()).unwrap_or_default(),
            sd: report.and_then(|report| report.sd.clone()),
            idle_heat_mins: self.heaters.idle_mins(),
            detection_hours: facts.world.hours.left(),
            temperature_offsets: s.temperature_offsets.clone(),
            scripts: s.scripts.clone(),
        }
    }

    /// Returns the steps of a pause, a resume or a cancel under way.
    fn step_views(&self) -> Vec<StepView> {
        let steps = self.print.job().map(|job| job.steps.as_slice()).unwrap_or_default();
        let view = |step: &PauseStep| StepView {
            label: step.label.clone(),
            detail: step.detail.clone(),
            done: step.done,
        };
        steps.iter().map(view).collect()
    }

    fn state_detail(&self, facts: &Facts<'_>) -> String {
        if let Some(name) = self.order.starting_name() {
            return format!("starting {name}");
        }
        match (self.alerts.is_shown(), facts.state()) {
            (true, PrinterState::Pausing | PrinterState::Paused) => "possible failure".into(),
            (true, PrinterState::Heating | PrinterState::Printing | PrinterState::Finishing) => {
                "possible failure, still printing".into()
            }
            (false, PrinterState::Printing) => {
                completion(&self.print).map(|percent| format!("{percent:.0} %")).unwrap_or_default()
            }
            (_, PrinterState::Paused) if self.order.is_paused_by_detection() => "by the watch".into(),
            (true | false, _) => String::new(),
        }
    }
}

fn resend_percent(facts: &Facts<'_>) -> f64 {
    let Some(report) = facts.report().filter(|report| report.lines_sent > 0) else { return 0.0 };
    let percent = report.resends as f64 * 100.0 / report.lines_sent as f64;
    (percent * 100.0).round() / 100.0
}
