create table printer_machine (
  printer_id integer primary key references printer (id) on delete cascade,
  usb text check (json_valid(usb)),
  profile text check (json_valid(profile)),
  learnt_at integer not null
) strict;

create table macro (
  id integer primary key,
  printer_id integer references printer (id) on delete cascade,
  name text not null check (length(name) between 1 and 64),
  body text not null check (length(body) between 1 and 10000),
  position integer not null default 0,
  created_at integer not null,
  updated_at integer not null
) strict;
