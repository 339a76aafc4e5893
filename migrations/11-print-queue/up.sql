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
