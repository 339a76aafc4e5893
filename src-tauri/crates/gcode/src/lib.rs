//! gcode.
