// Written by `cargo xtask bindings` from the table in `domain::limits`; do not edit.

/** Ranges of what can be set, both ends included. */
export const LIMITS = {
  detective_sensitivity: { min: 0.8, max: 1.2 },
  threshold: { min: 0.5, max: 2 },
  retract_on_pause: { min: 0, max: 50 },
  lift_z_on_pause: { min: 0, max: 100 },
  max_z_mm: { min: 10, max: 5000 },
  filament_diameter_mm: { min: 1, max: 4 },
  min_timelapse_secs: { min: -1, max: 604800 },
  bed_hold_mins: { min: 0, max: 1440 },
  temperature_offset: { min: -50, max: 50 },
  baud: { min: 1200, max: 2000000 },
  keep_warm_mins: { min: 1, max: 240 },
  idle_heat_mins: { min: 1, max: 240 },
  remind_after_mins: { min: 1, max: 120 },
  copies: { min: 1, max: 99 },
  density: { min: 0.3, max: 15 },
  net_g: { min: 1, max: 20000 },
  empty_g: { min: 0, max: 5000 },
  price: { min: 0, max: 100000000 },
  hotend_c: { min: 0, max: 500 },
  bed_c: { min: 0, max: 200 },
  low_g: { min: 0, max: 20000 },
  watts: { min: 0, max: 5000 },
  per_kwh: { min: 0, max: 1000000 },
} as const;
