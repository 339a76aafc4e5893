//! marlin.
