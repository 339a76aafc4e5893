alter table printer add column watch_rule text not null default 'printvigil'
  check (watch_rule in ('printvigil', 'obico'));
alter table printer add column watch_threshold real not null default 1.0 check (watch_threshold between 0.5 and 2.0);

create table camera_ignore (
  camera_id integer primary key references camera (id) on delete cascade,
  areas text not null check (json_valid(areas)),
  updated_at integer not null
) strict;

create table watch_decision (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  decided_at integer not null,
  paused integer not null check (paused in (0, 1)),
  reasons text not null check (json_valid(reasons)),
  primary key (print_id, frame_id)
) strict, without rowid;

create table watch_gap (
  id integer primary key,
  print_id integer not null references print (id) on delete cascade,
  from_at integer not null,
  to_at integer not null check (to_at >= from_at),
  why text not null
) strict;

create index watch_gap_by_print on watch_gap (print_id);

create table watch_coverage (
  print_id integer primary key references print (id) on delete cascade,
  printing_secs real not null check (printing_secs >= 0),
  watched_secs real not null check (watched_secs >= 0)
) strict;

create table frame_feedback (
  print_id integer not null references print (id) on delete cascade,
  frame_id integer not null check (frame_id >= 0),
  answer text not null check (answer in ('failure', 'fine', 'unsure')),
  answered_at integer not null,
  primary key (print_id, frame_id)
) strict, without rowid;
