//! What a printer's thread tells whoever listens.

use domain::{LinkChange, PrinterReport, Traffic};

/// What a printer's thread tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Its whole state; the newest replaces older ones. At most about five a second.
    Report(Box<PrinterReport>),
    /// A change; none is lost.
    Change(LinkChange),
    /// Lines on the wire, oldest first, about twenty times a second; dropped when nobody keeps up.
    Traffic(Vec<Traffic>),
}
