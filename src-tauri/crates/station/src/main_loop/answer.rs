//! What others ask of the loop, answered.

use super::state::Core;
use crate::command::{Command, Removal};
use domain::FilmWish;
use tokio::sync::oneshot::Sender;

/// Does what is asked, and answers.
pub(super) fn answer(core: &mut Core, asked: Command) {
    match asked {
        Command::Ask(request, reply) => core.ask(request, reply),
        Command::ReservePrints(count, reply) => tell(reply, core.hub().reserve_prints(count)),
        Command::PrinterAdded(printer, kept, reply) => {
            core.printer_added(*printer, *kept);
            tell(reply, ());
        }
        Command::RemovalBegun(id, reply) => tell(reply, core.hub().begin_removal(id)),
        Command::RemovalOver(id, removal, reply) => {
            match removal {
                Removal::Stored => core.printer_removed(id),
                Removal::Failed => core.hub().keep_printer(id),
            }
            tell(reply, ());
        }
        Command::CameraPut(camera, reply) => {
            core.camera_put(*camera);
            tell(reply, ());
        }
        Command::ViewCamera(id, reply) => {
            core.view_camera(id);
            tell(reply, ());
        }
        Command::CameraRemoved(id, reply) => {
            core.camera_removed(id);
            tell(reply, ());
        }
        Command::Film(print, reply) => tell(reply, core.film(print, FilmWish::Film)),
        Command::ForgetScale(camera, reply) => {
            core.change_at(camera, |hub, now| hub.forget_scale(camera, now));
            tell(reply, ());
        }
        Command::Ignore(camera, areas, reply) => {
            core.change_at(camera, |hub, now| hub.set_ignore(camera, areas, now));
            tell(reply, ());
        }
        Command::FirstRun(first_run, reply) => {
            core.set_first_run(first_run);
            tell(reply, ());
        }
        Command::IdleHeat(mins, reply) => {
            core.change(None, |hub, now| hub.set_idle_heat_mins(mins, now));
            tell(reply, ());
        }
        Command::AlertSound(sound, reply) => {
            core.change(None, |hub, now| hub.set_remind_after_mins(sound.remind_after_mins, now));
            core.set_alert_sound(sound);
            tell(reply, ());
        }
        Command::DetectionHours(hours, reply) => {
            core.change(None, |hub, now| hub.set_dh_balance(hours, now));
            tell(reply, ());
        }
        Command::Temperatures(id, reply) => tell(reply, core.temperatures(id)),
        Command::Terminal(id, after, most, reply) => tell(reply, core.terminal(id, after, most)),
        Command::Inject(event) => core.happen(*event),
        // Taken by the loop itself.
        Command::Shutdown(_, done) => drop(done),
    }
}

/// Answers; whoever asked may be gone.
fn tell<T>(reply: Sender<T>, answer: T) {
    let _ = reply.send(answer);
}
