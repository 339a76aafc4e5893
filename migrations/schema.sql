-- The database as it is after all migrations, with what every column means. A test proves that a database made from
-- this file and one that went through all migrations are the same.
--
-- How to read it:
-- * Tables and columns have Obico's names where Obico has them; a reference to another row ends in `_id`.
-- * Every `…_at` column, and `deleted`, is a moment: microseconds since 1970-01-01T00:00:00Z, an integer.
-- * Every `…_url` and `path` column is relative: never a host, never a folder outside the data folder.
-- * `id` numbers the row, `name` is what people see, `notify_on_…` says of what they are told.
-- * All tables are strict: a column takes its own type only. That is the check of columns that name no other.
-- * A yes or no is 1 or 0. `null` means "not yet", "not set" or "unknown", as the column says.
-- * Soft delete: `deleted` is when a person removed the row, `deleted_by_cascade` whether it went with its parent.
--   Lists leave such rows out; nothing else of them is lost.

-- The one local user, made at the first start. There is no account and no password.
create table user (
  -- Always 1.
  id integer primary key,
  -- May be empty.
  email text not null default '' check (length(email) <= 254),
  -- For people who like to be greeted; may be empty.
  first_name text not null default '' check (length(first_name) <= 150),
  -- As above.
  last_name text not null default '' check (length(last_name) <= 150),
  -- The first start of the app.
  consented_at integer not null,
  -- When the user last did something in the app; null until then.
  last_active_at integer,
  -- Always 1: nothing here is for sale.
  is_pro integer not null default 1 check (is_pro in (0, 1)),
  -- AI Detection Hours, hours. 1e8 and more is unlimited; at 0 or below the watch stops. Never charged.
  dh_balance real not null default 1e8,
  -- Whether notices are shown outside the window. Failure alerts are shown all the same.
  notification_enabled integer not null default 1 check (notification_enabled in (0, 1)),
  -- Entries of the event log that were not looked at yet.
  unseen_printer_events integer not null default 0 check (unseen_printer_events >= 0)
) strict;

-- Cameras. Numbers are never given twice, since kept frames name them for ever.
create table camera (
  id integer primary key autoincrement,
  name text not null check (length(name) <= 256),
  -- Where the pictures come from: a JSON object with `kind` device, snapshot, mjpeg, rtsp, agent or demo.
  source text not null check (json_valid(source)),
  -- Clockwise, degrees, applied before the flips.
  rotation integer not null default 0 check (rotation in (0, 90, 180, 270)),
  -- Mirror left to right, after the rotation.
  flip_h integer not null default 0 check (flip_h in (0, 1)),
  -- Mirror top to bottom, after the rotation.
  flip_v integer not null default 0 check (flip_v in (0, 1)),
  -- What is left of the picture, cut out last: a JSON object with x, y, w, h in thousandths. Null: all of it.
  crop text check (crop is null or json_valid(crop))
) strict;

-- Printers and their settings. What is live (status, picture, what the agent says) is not stored.
create table printer (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  name text not null check (length(name) <= 256),
  -- 20 hex digits by which an agent names itself.
  auth_token text not null unique check (length(auth_token) = 20 and auth_token not glob '*[^0-9a-f]*'),
  -- The print under way. No foreign key: the printer may be written before its print.
  current_print_id integer unique,
  -- PAUSE: a sure failure pauses the print. NONE: it only alerts.
  action_on_failure text not null default 'PAUSE' check (action_on_failure in ('PAUSE', 'NONE')),
  -- The person's switch; the watch may be off for other reasons.
  watching_enabled integer not null default 1 check (watching_enabled in (0, 1)),
  -- Hotend off while paused.
  tools_off_on_pause integer not null default 1 check (tools_off_on_pause in (0, 1)),
  -- Bed off while paused.
  bed_off_on_pause integer not null default 0 check (bed_off_on_pause in (0, 1)),
  -- mm of filament; 0 is no retraction.
  retract_on_pause real not null default 6.5 check (retract_on_pause >= 0),
  -- mm; 0 is no lift.
  lift_z_on_pause real not null default 2.5 check (lift_z_on_pause >= 0),
  -- 0.8 is the least, 1.2 the most sensitive.
  detective_sensitivity real not null default 1.0 check (detective_sensitivity between 0.8 and 1.2),
  -- Shortest finished print that gets a film, seconds; -1 is never.
  min_timelapse_secs_on_finish integer not null default 600 check (min_timelapse_secs_on_finish >= -1),
  -- Shortest cancelled print that gets a film, seconds; -1 is never.
  min_timelapse_secs_on_cancel integer not null default 300 check (min_timelapse_secs_on_cancel >= -1),
  -- Who speaks for the printer, empty until it has told; null for the printers that this app drives itself.
  agent_name text check (length(agent_name) <= 64),
  -- Its version.
  agent_version text check (length(agent_version) <= 64),
  -- Presets: a JSON array of objects, name of the heater to °C.
  temp_profiles text not null default '[]' check (json_valid(temp_profiles)),
  -- Hidden since; null while it is shown.
  archived_at integer,
  -- Multiplier on every confidence, for experts; null is 1.
  detection_bending_factor real check (detection_bending_factor >= 0),
  -- serial: a machine on a port, or one that an agent speaks for where agent_name is not null. demo: the simulated one,
  -- on its own faster clock.
  kind text not null default 'serial' check (kind in ('serial', 'demo')),
  -- Device path or name of the port; null until one is chosen, and for the demo.
  port_path text check (length(port_path) > 0),
  -- Baud, bits per second; null exactly when there is no port.
  port_baud integer check (port_baud > 0),
  -- The camera that is watched; null when none is.
  camera_id integer references camera (id) on delete set null,
  -- After the answer "not a failure" the watch may pause again in the same print.
  rearm_after_not_failed integer not null default 1 check (rearm_after_not_failed in (0, 1)),
  -- A resume at the printer's own knob counts as the answer "not a failure".
  printer_resume_answers integer not null default 1 check (printer_resume_answers in (0, 1)),
  -- Longest time the bed stays hot while paused, minutes.
  bed_hold_mins integer not null default 60 check (bed_hold_mins >= 0),
  -- Height of the machine, mm; a lift stops there.
  max_z_mm real not null default 250.0 check (max_z_mm > 0),
  -- mm.
  filament_diameter_mm real not null default 1.75 check (filament_diameter_mm > 0),
  -- °C added to each target that is sent: a JSON object, name of the heater to degrees.
  temperature_offsets text not null default '{}' check (json_valid(temperature_offsets)),
  created_at integer not null,
  -- When a setting last changed.
  updated_at integer not null,
  deleted integer,
  deleted_by_cascade integer not null default 0 check (deleted_by_cascade in (0, 1)),
  -- The rule over time that decides.
  watch_rule text not null default 'printvigil' check (watch_rule in ('printvigil', 'obico')),
  -- Factor on the thresholds of our rule, fitted to a person's answers; 1 is as delivered.
  watch_threshold real not null default 1.0 check (watch_threshold between 0.5 and 2.0),
  -- Whether it is told when nothing new is seen on the bed while the first layers are laid.
  watch_first_layer integer not null default 0 check (watch_first_layer in (0, 1)),
  -- Cameras that show it besides the watched one: a JSON array of numbers. Some may have been removed since.
  other_cameras text not null default '[]' check (json_valid(other_cameras)),
  -- What is sent when a print begins, pauses, goes on or ends: a JSON object with `start`, `pause`, `resume`, `end`.
  scripts text not null default '{}' check (json_valid(scripts)),
  check ((port_path is null) = (port_baud is null))
) strict;

-- The running means of the decision rule, one row a printer, written after each look.
create table printer_prediction (
  printer_id integer primary key references printer (id) on delete cascade,
  -- Analysed frames of this print.
  current_frame_num integer not null check (current_frame_num >= 0),
  -- Analysed frames of the printer's life; never reset.
  lifetime_frame_num integer not null check (lifetime_frame_num >= 0),
  -- The last p: 0 to about 2.5, no unit.
  current_p real not null,
  -- Weighted mean of p, span 12 frames; reset with each print.
  ewm_mean real not null,
  -- Mean of p over the last 310 frames; reset with each print.
  rolling_mean_short real not null,
  -- Mean of p over the last 7200 frames; never reset.
  rolling_mean_long real not null,
  -- The gauge, 0 to 1.
  normalized_p real not null check (normalized_p between 0 and 1),
  -- When the printer was first watched.
  created_at integer not null,
  updated_at integer not null
) strict;

-- Folders of G-code files.
create table g_code_folder (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  name text not null check (length(name) between 1 and 256),
  -- A name that every file system takes.
  safe_name text not null check (length(safe_name) between 1 and 256),
  -- Null at the top.
  parent_folder_id integer references g_code_folder (id) on delete cascade,
  created_at integer not null,
  updated_at integer not null,
  check (parent_folder_id is not id)
) strict;

create index g_code_folder_by_parent on g_code_folder (parent_folder_id);

-- The library of G-code files. The content lies in the data folder.
create table g_code_file (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  -- The name it came with; for display only, never a path.
  filename text not null check (length(filename) between 1 and 1000),
  -- A name that every file system takes.
  safe_filename text not null check (length(safe_filename) between 1 and 1000),
  -- Null at the top.
  parent_folder_id integer references g_code_folder (id) on delete set null,
  -- Where the content is served; relative, too.
  url text not null,
  -- Bytes.
  num_bytes integer not null check (num_bytes >= 0),
  -- The printer on whose own storage it lies; null when it lies here.
  resident_printer_id integer references printer (id),
  -- `md5:` or `sha256:` of the content.
  agent_signature text check (length(agent_signature) <= 256),
  -- Facts read from the file, a JSON object.
  metadata_json text check (metadata_json is null or json_valid(metadata_json)),
  -- mm over all tools.
  filament_total real check (filament_total >= 0),
  -- Seconds, as the slicer or our own reading says.
  estimated_time real check (estimated_time >= 0),
  -- Pictures in the file, the largest first.
  thumbnail1_url text,
  thumbnail2_url text,
  thumbnail3_url text,
  created_at integer not null,
  updated_at integer not null,
  deleted integer,
  deleted_by_cascade integer not null default 0 check (deleted_by_cascade in (0, 1))
) strict;

create index g_code_file_by_folder on g_code_file (parent_folder_id);
create index g_code_file_by_signature on g_code_file (agent_signature);

-- Prints: one row a run of a file. Open until `finished_at` or `cancelled_at` is set.
create table print (
  -- Numbered by the app, one up from the largest.
  id integer primary key,
  user_id integer not null default 1 references user (id),
  -- Null for a film that was uploaded.
  printer_id integer references printer (id),
  -- Null when the file is not of the library.
  g_code_file_id integer references g_code_file (id),
  -- Unix seconds of the start, moved up by a second where two would be the same.
  ext_id integer not null,
  -- Name of the file then.
  filename text not null check (length(filename) <= 1000),
  started_at integer not null,
  -- When it finished well.
  finished_at integer,
  -- When it was cancelled or interrupted.
  cancelled_at integer,
  -- How it ended; null while it is open.
  ended_by text check (ended_by in ('finished', 'cancelled', 'interrupted')),
  -- Why it was interrupted, in words for people.
  ended_why text,
  -- When a film was uploaded.
  uploaded_at integer,
  -- The last alert.
  alerted_at integer,
  -- The last answer to an alert.
  alert_acknowledged_at integer,
  -- Muted since; null while alerts are shown.
  alert_muted_at integer,
  -- The last pause by detection; a person's pause never sets it.
  paused_at integer,
  -- A person's last word on whether it failed.
  alert_overwrite text check (alert_overwrite in ('FAILED', 'NOT_FAILED')),
  -- The film.
  video_url text,
  -- The film with boxes drawn.
  tagged_video_url text,
  -- The picture shown before the film plays.
  poster_url text,
  -- When the person agreed to look at shots.
  access_consented_at integer,
  -- When the film was put away.
  video_archived_at integer,
  -- mm.
  filament_used real check (filament_used >= 0),
  -- Seconds, pauses included.
  print_time real check (print_time >= 0),
  -- A print of the demo printer.
  demo integer not null default 0 check (demo in (0, 1)),
  deleted integer,
  deleted_by_cascade integer not null default 0 check (deleted_by_cascade in (0, 1)),
  -- A person's own words; may be empty.
  notes text not null default '' check (length(notes) <= 10000),
  -- A person's own marks: a JSON array of words.
  tags text not null default '[]' check (json_valid(tags)),
  -- Kept by a person: tidying up leaves its pictures and films alone.
  kept integer not null default 0 check (kept in (0, 1)),
  -- When its pictures and films were dropped and the record kept.
  pictures_dropped_at integer,
  -- Of its film: asked for and not made yet, made, not made and why. Null: never asked for.
  film_state text
  check (film_state in ('waiting', 'made', 'too_short', 'cancelled', 'failed')),
  -- Why there is none, in words for people.
  film_why text,
  -- How the film is or was made, a JSON object; null is as set for all.
  film_options text check (film_options is null or json_valid(film_options)),
  -- Why it failed, a word of the person's own list; null: not said.
  reason text check (length(reason) between 1 and 64),
  unique (printer_id, ext_id),
  check (finished_at is null or cancelled_at is null)
) strict;

create index print_by_file on print (g_code_file_id, printer_id);
create index print_open on print (id) where finished_at is null and cancelled_at is null;
create index print_by_start on print (started_at);
create index print_film_waiting on print (id) where film_state = 'waiting';

-- What a print takes on the disk. One row a print, none until the first picture.
create table print_media (
  print_id integer primary key references print (id) on delete cascade,
  -- Kept frames; counted by the triggers below.
  num_frames integer not null default 0 check (num_frames >= 0),
  -- Bytes of the kept frames.
  frame_bytes integer not null default 0 check (frame_bytes >= 0),
  -- Bytes of films, evidence and looks; counted when they are made or dropped.
  other_bytes integer not null default 0 check (other_bytes >= 0)
) strict;

-- How hot it was during a print: one row in ten seconds.
create table print_temperature (
  print_id integer not null references print (id) on delete cascade,
  taken_at integer not null,
  -- A JSON object, name of the heater to an array of actual and target, °C; null is unknown.
  heaters text not null check (json_valid(heaters)),
  primary key (print_id, taken_at)
) strict, without rowid;

-- Times in which something looked like a failure, but not enough for an alert. Made when a print ends.
create table sighting (
  print_id integer not null references print (id) on delete cascade,
  -- The frame that looked worst.
  frame_id integer not null check (frame_id >= 0),
  taken_at integer not null,
  until_at integer not null check (until_at >= taken_at),
  -- The gauge then, 0 to 1.
  level real not null check (level between 0 and 1),
  reviewed_at integer,
  primary key (print_id, frame_id)
) strict, without rowid;

create index sighting_new on sighting (print_id) where reviewed_at is null;

-- Care of a machine that is due after so much printing.
create table maintenance (
  id integer primary key,
  printer_id integer not null references printer (id) on delete cascade,
  name text not null check (length(name) between 1 and 64),
  -- What is counted: hours of printing, metres of filament, prints.
  unit text not null check (unit in ('hours', 'filament_m', 'prints')),
  -- Due after so many of the unit.
  every real not null check (every > 0),
  -- Counted from here.
  done_at integer not null,
  created_at integer not null
) strict;

create index maintenance_by_printer on maintenance (printer_id);

-- The event log.
create table printer_event (
  -- Numbered by the app, one up from the largest.
  id integer primary key,
  -- The print then under way.
  print_id integer references print (id) on delete cascade,
  printer_id integer not null references printer (id) on delete cascade,
  -- What happened.
  event_type text not null check (event_type in (
    'STARTED', 'ENDED', 'PAUSED', 'RESUMED', 'FAILURE_ALERTED', 'FIRST_LAYER', 'ALERT_MUTED', 'ALERT_UNMUTED', 'FILAMENT_CHANGE',
    'PRINTER_ERROR', 'CONNECTED', 'WATCH_LOST', 'WATCH_BACK', 'HISTORY_LOST', 'ANSWERED'
  )),
  -- How bad it is.
  event_class text not null check (event_class in ('ERROR', 'WARNING', 'SUCCESS', 'INFO')),
  -- One line for people.
  event_title text not null,
  -- More, plain text; may be empty.
  event_text text not null,
  -- The picture of the moment.
  image_url text,
  -- Where to read more.
  info_url text,
  -- Who or what began it.
  initiator text not null check (initiator in ('person', 'detection', 'printer', 'app')),
  created_at integer not null
) strict;

create index printer_event_by_print on printer_event (print_id);

-- Frames of a print that a person is asked about.
create table print_shot_feedback (
  id integer primary key,
  print_id integer not null references print (id) on delete cascade,
  -- The frame.
  image_url text not null,
  -- Null until it was answered; UNANSWERED is the answer "it cannot be told".
  answer text check (answer in ('LOOKS_BAD', 'LOOKS_OK', 'UNANSWERED')),
  -- When it was last answered.
  answered_at integer,
  -- When the answer was handed on for training; never by this app itself.
  persisted_at integer,
  unique (print_id, image_url)
) strict;

-- Analysed frames: one row a look, pictures or not.
create table look (
  print_id integer not null references print (id) on delete cascade,
  -- Number of the frame; rises by one a frame over all cameras.
  frame_id integer not null check (frame_id >= 0),
  -- Whose means these are; null for a film that was uploaded.
  printer_id integer references printer (id) on delete cascade,
  -- When the frame was taken.
  taken_at integer not null,
  -- That the whole picture shows a failure: 0 to 1.
  probability real not null check (probability between 0 and 1),
  -- The rule's input: 0 to about 2.5, no unit.
  p real not null check (p >= 0),
  -- From here to `updated_at`: the rule's means after this look; see printer_prediction for each.
  current_frame_num integer not null check (current_frame_num >= 0),
  -- Frames.
  lifetime_frame_num integer not null check (lifetime_frame_num >= 0),
  -- No unit.
  current_p real not null,
  -- No unit.
  ewm_mean real not null,
  -- No unit.
  rolling_mean_short real not null,
  -- No unit.
  rolling_mean_long real not null,
  -- 0 to 1.
  normalized_p real not null check (normalized_p between 0 and 1),
  updated_at integer not null,
  -- Boxes: a JSON array of class, confidence (0 to 1) and area (pixels of the frame), best first.
  boxes text not null default '[]' check (json_valid(boxes)),
  -- Last acknowledged line of the file, from 1.
  line integer check (line >= 0),
  -- From 0.
  layer_idx integer check (layer_idx >= 0),
  primary key (print_id, frame_id)
) strict, without rowid;

-- Kept frames; the pictures lie in the data folder.
create table frame (
  print_id integer not null references print (id) on delete cascade,
  -- Number of the frame. Two printers may share a camera, so the same frame may be kept for two prints.
  id integer not null check (id >= 0),
  -- No foreign key: a camera may be removed, its pictures stay.
  camera_id integer not null,
  taken_at integer not null,
  -- Where the picture lies, below the data folder.
  path text not null check (length(path) > 0),
  -- Pixels.
  width integer not null check (width > 0),
  -- Pixels.
  height integer not null check (height > 0),
  -- Bytes.
  num_bytes integer not null check (num_bytes >= 0),
  -- Why it was kept; where there are several reasons, the last of this list.
  why text not null check (why in ('film', 'layer', 'poster', 'suspicious', 'alert')),
  -- Last acknowledged line of the file, from 1.
  line integer check (line >= 0),
  -- From 0.
  layer_idx integer check (layer_idx >= 0),
  primary key (print_id, id)
) strict, without rowid;

create index frame_by_id on frame (id);

create trigger frame_kept after insert on frame begin
  insert into print_media (print_id, num_frames, frame_bytes) values (new.print_id, 1, new.num_bytes)
  on conflict (print_id) do update set
    num_frames = num_frames + 1, frame_bytes = frame_bytes + excluded.frame_bytes;
end;

create trigger frame_dropped after delete on frame begin
  update print_media set num_frames = num_frames - 1, frame_bytes = frame_bytes - old.num_bytes
  where print_id = old.print_id;
end;

-- Ways to tell the user, and of what.
create table notification_setting (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  -- The way: `desktop` is made at the first start.
  name text not null check (length(name) between 1 and 64),
  -- What the way needs to know, a JSON object.
  config text not null default '{}' check (json_valid(config)),
  -- Whether it is used at all.
  enabled integer not null default 1 check (enabled in (0, 1)),
  notify_on_failure_alert integer not null default 1 check (notify_on_failure_alert in (0, 1)),
  notify_on_print_done integer not null default 1 check (notify_on_print_done in (0, 1)),
  notify_on_filament_change integer not null default 1 check (notify_on_filament_change in (0, 1)),
  notify_on_print_cancelled integer not null default 0 check (notify_on_print_cancelled in (0, 1)),
  notify_on_heater_status integer not null default 0 check (notify_on_heater_status in (0, 1)),
  notify_on_print_start integer not null default 0 check (notify_on_print_start in (0, 1)),
  notify_on_print_pause integer not null default 0 check (notify_on_print_pause in (0, 1)),
  notify_on_print_resume integer not null default 0 check (notify_on_print_resume in (0, 1)),
  unique (user_id, name)
) strict;

-- Everything else a person may set: one JSON value a key.
create table setting (
  -- Lower case, dots between parts: `lan.enabled`.
  key text not null primary key check (length(key) between 1 and 128),
  -- Any JSON value.
  value text not null check (json_valid(value))
) strict, without rowid;

-- What is known of the machine behind a printer, learnt from its port and firmware. One row a printer, none until it
-- first answered.
create table printer_machine (
  printer_id integer primary key references printer (id) on delete cascade,
  -- What tells its port from others: a JSON object with `vid`, `pid`, `serial`, `interface`.
  usb text check (usb is null or json_valid(usb)),
  -- What the firmware told of itself and the machine, a JSON object: name, capabilities, area, limits, heaters.
  profile text check (profile is null or json_valid(profile)),
  learnt_at integer not null
) strict;

-- G-code that a person keeps under a name. Placeholders are fixed words in braces; nothing is evaluated.
create table macro (
  id integer primary key,
  -- Null for all printers.
  printer_id integer references printer (id) on delete cascade,
  name text not null check (length(name) between 1 and 64),
  -- Lines of G-code.
  body text not null check (length(body) between 1 and 10000),
  -- Where it stands in the list, smallest first.
  position integer not null default 0,
  created_at integer not null,
  updated_at integer not null,
  -- Of its button; null: as other buttons.
  colour text check (colour in ('blue', 'teal', 'green', 'ochre', 'plum', 'violet')),
  -- Whether it asks each time before it runs.
  confirm integer not null default 0 check (confirm in (0, 1))
) strict;

-- Where nothing counts in a camera's picture. One row a camera, none until a person drew an area.
create table camera_ignore (
  camera_id integer primary key references camera (id) on delete cascade,
  -- A JSON array of objects with `x`, `y`, `w`, `h` in thousandths of the picture.
  areas text not null check (json_valid(areas)),
  updated_at integer not null
) strict;

-- Decisions of the watch: one row an alert, with or without a pause.
create table watch_decision (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  decided_at integer not null,
  -- Whether the print was ordered to pause by it.
  paused integer not null check (paused in (0, 1)),
  -- Why: a JSON object with the rule, its level and thresholds, and what did not count.
  reasons text not null check (json_valid(reasons)),
  -- When a person looked at it.
  reviewed_at integer,
  primary key (print_id, frame_id)
) strict, without rowid;

create index watch_decision_new on watch_decision (print_id) where reviewed_at is null;

-- Times in which a print was not watched.
create table watch_gap (
  id integer primary key,
  print_id integer not null references print (id) on delete cascade,
  from_at integer not null,
  to_at integer not null check (to_at >= from_at),
  -- For people.
  why text not null,
  -- When a person looked at it.
  reviewed_at integer
) strict;

create index watch_gap_by_print on watch_gap (print_id);

-- How much of a print was watched. One row a print.
create table watch_coverage (
  print_id integer primary key references print (id) on delete cascade,
  -- Seconds in which it printed.
  printing_secs real not null check (printing_secs >= 0),
  -- Of those, seconds covered by looks.
  watched_secs real not null check (watched_secs >= 0)
) strict;

-- What a person sees in single frames.
create table frame_feedback (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  -- As the person said.
  answer text not null check (answer in ('failure', 'fine', 'unsure')),
  answered_at integer not null,
  primary key (print_id, frame_id)
) strict, without rowid;

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

-- Who may come in from the network: paired devices, links to look by, API keys. A row that is removed is revoked.
create table access_grant (
  -- Never given twice: tickets and logs name it.
  id integer primary key autoincrement,
  -- A paired phone or computer, a link that ends, a key of a script or slicer.
  kind text not null check (kind in ('device', 'link', 'key')),
  name text not null check (length(name) between 1 and 64),
  -- What it may do; each role may do all that those before it may.
  role text not null check (role in ('view', 'operate', 'owner')),
  -- SHA-256 of the secret, which has 128 random bits and is kept nowhere.
  secret_hash blob not null unique check (length(secret_hash) = 32),
  created_at integer not null,
  -- When it was last used, to ten minutes. Null: never.
  seen_at integer,
  -- When it ends by itself. Null: when it is revoked.
  ends_at integer,
  -- The one printer that a shared link opens, and nothing else. Null: all that its role may see.
  printer_id integer references printer (id) on delete cascade check (printer_id is null or kind = 'link'),
  check (kind <> 'link' or (role = 'view' and ends_at is not null))
) strict;

-- Messages to services that a person has set up: what waits to be sent, and what became of it.
create table notice_delivery (
  -- Rises with each message; never given twice.
  id integer primary key autoincrement,
  -- Which service, and of what it is told.
  setting_id integer not null references notification_setting (id) on delete cascade,
  -- About which printer. Null: a test. Without a reference: the log outlives a printer.
  printer_id integer,
  -- What it is about: `failure`, `print_done` and so on.
  topic text not null check (length(topic) between 1 and 32),
  -- One line.
  title text not null,
  -- A sentence or two.
  text text not null,
  -- What the service's own form needs besides, a JSON object.
  facts text not null default '{}' check (json_valid(facts)),
  -- The picture that goes with it, JPEG; dropped when it was sent or is not sent any more.
  picture blob,
  created_at integer not null,
  -- How it stands; `quiet` was held back by quiet hours.
  state text not null check (state in ('waiting', 'sent', 'refused', 'given_up', 'quiet')),
  -- How often it was tried.
  attempts integer not null default 0 check (attempts >= 0),
  -- When it is tried next. Null: not any more.
  next_at integer,
  -- What the service said last, or why it could not be reached.
  answer text not null default '',
  check ((state = 'waiting') = (next_at is not null)),
  check (state = 'waiting' or picture is null)
) strict;
create index notice_delivery_waiting on notice_delivery (next_at) where state = 'waiting';

-- The card of the print that ended last on a printer, kept until a person puts it away or the next print begins.
create table last_print (
  printer_id integer primary key references printer (id) on delete cascade,
  -- Which print.
  print_id integer not null references print (id) on delete cascade,
  -- How it ended, in words for people.
  text text not null,
  -- The alert that was open when it ended, a JSON object as the page has it. Null: none, or answered since.
  alert text check (alert is null or json_valid(alert))
) strict;

-- What waits to be printed, printer by printer. Nothing of it starts by itself.
create table print_queue (
  printer_id integer not null references printer (id) on delete cascade,
  -- Number of the item, of this printer.
  id integer not null check (id > 0),
  -- Where it stands, 0 is the next.
  position integer not null check (position >= 0),
  -- The file of the library; its row stays when the file is deleted.
  g_code_file_id integer not null references g_code_file (id) on delete cascade,
  -- Name of the file then.
  filename text not null check (length(filename) <= 1000),
  -- How often it is still to be printed.
  copies integer not null check (copies between 1 and 99),
  added_at integer not null,
  -- Who put it there: a person in the window, or a slicer while the printer was busy.
  added_by text not null check (added_by in ('person', 'slicer')),
  -- Why its last start came to nothing, in words for people.
  why text,
  primary key (printer_id, id),
  unique (printer_id, position)
) strict;

-- Spools of filament. What is left of one is not kept: it follows from what was on it and from what was used.
create table spool (
  -- Never given twice: notes on spools name it.
  id integer primary key autoincrement,
  name text not null check (length(name) between 1 and 64),
  -- Who made it; may be empty.
  vendor text not null default '' check (length(vendor) <= 64),
  -- Such as PLA; may be empty.
  material text not null default '' check (length(material) <= 64),
  -- `#rrggbb`; null is unknown.
  color text check (length(color) = 7),
  -- mm.
  diameter_mm real not null check (diameter_mm > 0),
  -- g/cm³.
  density real not null check (density > 0),
  -- Filament on the full spool, g.
  net_g real not null check (net_g > 0),
  -- The spool without filament, g; null is unknown.
  empty_g real check (empty_g >= 0),
  -- Of the full spool, in the person's currency; null is unknown.
  price real check (price >= 0),
  -- Where it lies; may be empty.
  location text not null default '' check (length(location) <= 64),
  -- A person's own words; may be empty.
  notes text not null default '' check (length(notes) <= 2000),
  -- Of the nozzle, °C; null is unknown.
  hotend_c real check (hotend_c >= 0),
  -- °C; null is unknown.
  bed_c real check (bed_c >= 0),
  -- Used apart from what prints have counted, g: before it was added, and what weighing has shown. Below 0 where too much
  -- was counted.
  other_used_g real not null default 0,
  -- When it was last weighed, or its rest was last set; null: never.
  measured_at integer,
  -- Put away since; null while it is in use.
  archived_at integer,
  created_at integer not null,
  -- Number in the Spoolman that it came from; null: it was added here.
  spoolman_id integer
) strict;

-- What is loaded on printers. A spool is in one place.
create table loaded_spool (
  printer_id integer not null references printer (id) on delete cascade,
  -- From 0.
  tool integer not null check (tool between 0 and 15),
  spool_id integer not null unique references spool (id) on delete cascade,
  primary key (printer_id, tool)
) strict;

-- What each print used of each spool: one row from one change of spools to the next.
create table print_spool (
  id integer primary key,
  -- Null when the print was erased: what it used stays used.
  print_id integer references print (id) on delete set null,
  -- Of the print, from 0.
  part integer not null check (part >= 0),
  -- From 0.
  tool integer not null check (tool between 0 and 255),
  -- Null: nobody has said which was loaded.
  spool_id integer references spool (id) on delete set null,
  -- mm.
  used_mm real not null check (used_mm >= 0),
  -- By the spool's thickness and density when it was counted; null without a spool.
  used_g real check (used_g >= 0),
  -- An estimate: the app ended in the middle, or the printer did not tell.
  about integer not null default 0 check (about in (0, 1)),
  -- The spool was weighed since, so the estimate does not blur what is left.
  weighed_since integer not null default 0 check (weighed_since in (0, 1)),
  unique (print_id, part)
) strict;

create index print_spool_by_spool on print_spool (spool_id);
