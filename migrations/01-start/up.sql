create table user (
  id integer primary key,
  email text not null default '' check (length(email) <= 254),
  first_name text not null default '' check (length(first_name) <= 150),
  last_name text not null default '' check (length(last_name) <= 150),
  consented_at integer not null,
  last_active_at integer,
  is_pro integer not null default 1 check (is_pro in (0, 1)),
  dh_balance real not null default 1e8,
  notification_enabled integer not null default 1 check (notification_enabled in (0, 1)),
  unseen_printer_events integer not null default 0 check (unseen_printer_events >= 0)
) strict;

create table camera (
  id integer primary key autoincrement,
  name text not null check (length(name) <= 256),
  source text not null check (json_valid(source)),
  rotation integer not null default 0 check (rotation in (0, 90, 180, 270)),
  flip_h integer not null default 0 check (flip_h in (0, 1)),
  flip_v integer not null default 0 check (flip_v in (0, 1))
) strict;

create table printer (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  name text not null check (length(name) <= 256),
  auth_token text not null unique check (length(auth_token) = 20 and auth_token not glob '*[^0-9a-f]*'),
  current_print_id integer unique,
  action_on_failure text not null default 'PAUSE' check (action_on_failure in ('PAUSE', 'NONE')),
  watching_enabled integer not null default 1 check (watching_enabled in (0, 1)),
  tools_off_on_pause integer not null default 1 check (tools_off_on_pause in (0, 1)),
  bed_off_on_pause integer not null default 0 check (bed_off_on_pause in (0, 1)),
  retract_on_pause real not null default 6.5 check (retract_on_pause >= 0),
  lift_z_on_pause real not null default 2.5 check (lift_z_on_pause >= 0),
  detective_sensitivity real not null default 1.0 check (detective_sensitivity between 0.8 and 1.2),
  min_timelapse_secs_on_finish integer not null default 600 check (min_timelapse_secs_on_finish >= -1),
  min_timelapse_secs_on_cancel integer not null default 300 check (min_timelapse_secs_on_cancel >= -1),
  agent_name text check (length(agent_name) <= 64),
  agent_version text check (length(agent_version) <= 64),
  temp_profiles text not null default '[]' check (json_valid(temp_profiles)),
  archived_at integer,
  detection_bending_factor real check (detection_bending_factor >= 0),
  kind text not null default 'serial' check (kind in ('serial', 'demo')),
  port_path text check (length(port_path) > 0),
  port_baud integer check (port_baud > 0),
  camera_id integer references camera (id) on delete set null,
  rearm_after_not_failed integer not null default 1 check (rearm_after_not_failed in (0, 1)),
  printer_resume_answers integer not null default 1 check (printer_resume_answers in (0, 1)),
  bed_hold_mins integer not null default 60 check (bed_hold_mins >= 0),
  max_z_mm real not null default 250.0 check (max_z_mm > 0),
  filament_diameter_mm real not null default 1.75 check (filament_diameter_mm > 0),
  temperature_offsets text not null default '{}' check (json_valid(temperature_offsets)),
  created_at integer not null,
  updated_at integer not null,
  deleted integer,
  deleted_by_cascade integer not null default 0 check (deleted_by_cascade in (0, 1)),
  check ((port_path is null) = (port_baud is null))
) strict;

create table printer_prediction (
  printer_id integer primary key references printer (id) on delete cascade,
  current_frame_num integer not null check (current_frame_num >= 0),
  lifetime_frame_num integer not null check (lifetime_frame_num >= 0),
  current_p real not null,
  ewm_mean real not null,
  rolling_mean_short real not null,
  rolling_mean_long real not null,
  normalized_p real not null check (normalized_p between 0 and 1),
  created_at integer not null,
  updated_at integer not null
) strict;

create table g_code_folder (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  name text not null check (length(name) between 1 and 256),
  safe_name text not null check (length(safe_name) between 1 and 256),
  parent_folder_id integer references g_code_folder (id) on delete cascade,
  created_at integer not null,
  updated_at integer not null,
  check (parent_folder_id is not id)
) strict;

create index g_code_folder_by_parent on g_code_folder (parent_folder_id);

create table g_code_file (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  filename text not null check (length(filename) between 1 and 1000),
  safe_filename text not null check (length(safe_filename) between 1 and 1000),
  parent_folder_id integer references g_code_folder (id) on delete set null,
  url text not null,
  num_bytes integer not null check (num_bytes >= 0),
  resident_printer_id integer references printer (id),
  agent_signature text check (length(agent_signature) <= 256),
  metadata_json text check (json_valid(metadata_json)),
  filament_total real check (filament_total >= 0),
  estimated_time real check (estimated_time >= 0),
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

create table print (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  printer_id integer references printer (id),
  g_code_file_id integer references g_code_file (id),
  ext_id integer not null,
  filename text not null check (length(filename) <= 1000),
  started_at integer not null,
  finished_at integer,
  cancelled_at integer,
  ended_by text check (ended_by in ('finished', 'cancelled', 'interrupted')),
  ended_why text,
  uploaded_at integer,
  alerted_at integer,
  alert_acknowledged_at integer,
  alert_muted_at integer,
  paused_at integer,
  alert_overwrite text check (alert_overwrite in ('FAILED', 'NOT_FAILED')),
  video_url text,
  tagged_video_url text,
  poster_url text,
  access_consented_at integer,
  video_archived_at integer,
  filament_used real check (filament_used >= 0),
  print_time real check (print_time >= 0),
  demo integer not null default 0 check (demo in (0, 1)),
  deleted integer,
  deleted_by_cascade integer not null default 0 check (deleted_by_cascade in (0, 1)),
  unique (printer_id, ext_id),
  check (finished_at is null or cancelled_at is null)
) strict;

create index print_by_file on print (g_code_file_id, printer_id);
create index print_open on print (id) where finished_at is null and cancelled_at is null;

create table printer_event (
  id integer primary key,
  print_id integer references print (id) on delete cascade,
  printer_id integer not null references printer (id) on delete cascade,
  event_type text not null check (event_type in (
    'STARTED', 'ENDED', 'PAUSED', 'RESUMED', 'FAILURE_ALERTED', 'ALERT_MUTED', 'ALERT_UNMUTED', 'FILAMENT_CHANGE',
    'PRINTER_ERROR', 'CONNECTED', 'WATCH_LOST', 'WATCH_BACK', 'HISTORY_LOST', 'ANSWERED'
  )),
  event_class text not null check (event_class in ('ERROR', 'WARNING', 'SUCCESS', 'INFO')),
  event_title text not null,
  event_text text not null,
  image_url text,
  info_url text,
  initiator text not null check (initiator in ('person', 'detection', 'printer', 'app')),
  created_at integer not null
) strict;

create index printer_event_by_print on printer_event (print_id);

create table print_shot_feedback (
  id integer primary key,
  print_id integer not null references print (id) on delete cascade,
  image_url text not null,
  answer text check (answer in ('LOOKS_BAD', 'LOOKS_OK', 'UNANSWERED')),
  answered_at integer,
  persisted_at integer,
  unique (print_id, image_url)
) strict;

create table look (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  printer_id integer not null references printer (id) on delete cascade,
  taken_at integer not null,
  probability real not null check (probability between 0 and 1),
  p real not null check (p >= 0),
  current_frame_num integer not null check (current_frame_num >= 0),
  lifetime_frame_num integer not null check (lifetime_frame_num >= 0),
  current_p real not null,
  ewm_mean real not null,
  rolling_mean_short real not null,
  rolling_mean_long real not null,
  normalized_p real not null check (normalized_p between 0 and 1),
  updated_at integer not null,
  boxes text not null default '[]' check (json_valid(boxes)),
  line integer check (line >= 0),
  layer_idx integer check (layer_idx >= 0),
  primary key (print_id, frame_id)
) strict, without rowid;

create table frame (
  print_id integer not null references print (id) on delete cascade,
  id integer not null check (id >= 0),
  camera_id integer not null,
  taken_at integer not null,
  path text not null check (length(path) > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  num_bytes integer not null check (num_bytes >= 0),
  why text not null check (why in ('film', 'layer', 'poster', 'suspicious', 'alert')),
  line integer check (line >= 0),
  layer_idx integer check (layer_idx >= 0),
  primary key (print_id, id)
) strict, without rowid;

create index frame_by_id on frame (id);

create table notification_setting (
  id integer primary key,
  user_id integer not null default 1 references user (id),
  name text not null check (length(name) between 1 and 64),
  config text not null default '{}' check (json_valid(config)),
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

create table setting (
  key text not null primary key check (length(key) between 1 and 128),
  value text not null check (json_valid(value))
) strict, without rowid;
