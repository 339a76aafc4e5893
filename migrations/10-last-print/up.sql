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
