alter table print add column notes text not null default '' check (length(notes) <= 10000);
alter table print add column tags text not null default '[]' check (json_valid(tags));
alter table print add column kept integer not null default 0 check (kept in (0, 1));
alter table print add column pictures_dropped_at integer;
alter table print add column film_state text
  check (film_state in ('waiting', 'made', 'too_short', 'cancelled', 'failed'));
alter table print add column film_why text;
alter table print add column film_options text check (json_valid(film_options));

create index print_by_start on print (started_at);
create index print_film_waiting on print (id) where film_state = 'waiting';

create table print_media (
  print_id integer primary key references print (id) on delete cascade,
  num_frames integer not null default 0 check (num_frames >= 0),
  frame_bytes integer not null default 0 check (frame_bytes >= 0),
  other_bytes integer not null default 0 check (other_bytes >= 0)
) strict;

insert into print_media (print_id, num_frames, frame_bytes)
  select print_id, count(*), sum(num_bytes) from frame group by print_id;

create trigger frame_kept after insert on frame begin
  insert into print_media (print_id, num_frames, frame_bytes) values (new.print_id, 1, new.num_bytes)
  on conflict (print_id) do update set
    num_frames = num_frames + 1, frame_bytes = frame_bytes + excluded.frame_bytes;
end;

create trigger frame_dropped after delete on frame begin
  update print_media set num_frames = num_frames - 1, frame_bytes = frame_bytes - old.num_bytes
  where print_id = old.print_id;
end;

create table print_temperature (
  print_id integer not null references print (id) on delete cascade,
  taken_at integer not null,
  heaters text not null check (json_valid(heaters)),
  primary key (print_id, taken_at)
) strict, without rowid;

create table sighting (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  taken_at integer not null,
  until_at integer not null check (until_at >= taken_at),
  level real not null check (level between 0 and 1),
  reviewed_at integer,
  primary key (print_id, frame_id)
) strict, without rowid;

alter table watch_decision add column reviewed_at integer;
alter table watch_gap add column reviewed_at integer;

update watch_decision set reviewed_at = decided_at
  where print_id in (select id from print where alert_overwrite is not null);

create index watch_decision_new on watch_decision (print_id) where reviewed_at is null;
create index sighting_new on sighting (print_id) where reviewed_at is null;

create table maintenance (
  id integer primary key,
  printer_id integer not null references printer (id) on delete cascade,
  name text not null check (length(name) between 1 and 64),
  unit text not null check (unit in ('hours', 'filament_m', 'prints')),
  every real not null check (every > 0),
  done_at integer not null,
  created_at integer not null
) strict;

create index maintenance_by_printer on maintenance (printer_id);

-- A film that was uploaded has looks, and no printer.
alter table look rename to look_old;
create table look (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  printer_id integer references printer (id) on delete cascade,
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
insert into look
  select print_id, frame_id, printer_id, taken_at, probability, p, current_frame_num, lifetime_frame_num, current_p, ewm_mean,
    rolling_mean_short, rolling_mean_long, normalized_p, updated_at, boxes, line, layer_idx
  from look_old;
drop table look_old;
