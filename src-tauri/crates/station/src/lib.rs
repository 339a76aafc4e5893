//! station.
