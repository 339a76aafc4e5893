//! Which printer an event concerns, and by whose clock it happens.

use domain::{Event, Printer, PrinterId, PrinterKind};
use hub::Hub;

/// Returns the printer that an event concerns; `None` when it is no single one.
pub(super) fn printer_of(hub: &Hub, event: &Event) -> Option<PrinterId> {
    match event {
        Event::Status(id, _)
        | Event::Link(id, _)
        | Event::Frame(id, _)
        | Event::NotAnalysed(id, _)
        | Event::Fail(id)
        | Event::Tick(id) => Some(*id),
        Event::Looked(look) => Some(look.printer),
        Event::Camera(camera, _) => hub.printer_of_camera(*camera),
        Event::Asked(request, _) => request.printer(),
        Event::Filmed(print, _) => hub.printer_of_print(*print),
        Event::Shots(print, _) => hub.printer_of_print(*print),
        Event::Detector(_)
        | Event::Stored(..)
        | Event::HistoryLost(_)
        | Event::FileKnown(_)
        | Event::Slept { .. }
        | Event::Scales(_)
        | Event::StoodStill { .. } => None,
    }
}

/// Returns on whose clock it is looked when an event concerns this printer. What concerns no single printer gets the real
/// clock, except when all printers are demos.
pub(super) fn clock_for(hub: &Hub, printer: Option<PrinterId>) -> PrinterKind {
    match printer.and_then(|id| hub.printer(id)) {
        Some(printer) => printer.kind,
        None if only_demo(hub) => PrinterKind::Demo,
        None => PrinterKind::Serial,
    }
}

fn only_demo(hub: &Hub) -> bool {
    let mut kinds = printers(hub).map(|printer| printer.kind);
    kinds.next() == Some(PrinterKind::Demo) && kinds.all(|kind| kind == PrinterKind::Demo)
}

/// Returns all printers, archived ones too.
pub(super) fn printers(hub: &Hub) -> impl Iterator<Item = &Printer> + Clone {
    hub.printer_ids().into_iter().filter_map(|id| hub.printer(id))
}
