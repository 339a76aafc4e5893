//! printer.
