-- By what scale the looks of a print were judged, and what its calm minutes showed. One row a watched print. Which
-- prints teach is not kept here: it follows from how they ended and from what a person said of them.
create table print_scale (
  print_id integer primary key references print (id) on delete cascade,
  -- Null when the camera was removed.
  camera_id integer references camera (id) on delete set null,
  -- When the first look was judged by it.
  since_at integer not null,
  -- A JSON object with the model's name and its map from probability to p.
  calibration text not null check (json_valid(calibration)),
  -- The printer's factor on p.
  bend real not null,
  -- What was known of the camera then: JSON, deflated. Null: nothing.
  known blob,
  -- What its calm minutes showed, the same way. Null while it runs, when they were too few, and when it was forgotten.
  taught blob
) strict;

create index print_scale_taught on print_scale (camera_id, print_id) where taught is not null;
