//! timelapse.
