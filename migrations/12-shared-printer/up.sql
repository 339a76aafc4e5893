-- A link may open one printer alone, to look at. Null: not such a link.
alter table access_grant add column printer_id integer references printer (id) on delete cascade
  check (printer_id is null or kind = 'link');
