-- A printer that is removed keeps its history: what earlier versions hid with their printers is shown again.
update print set deleted = null, deleted_by_cascade = 0 where deleted_by_cascade = 1;

-- Older SQLite says that json_valid(null) is 0, newer that it is null: say what is meant. Only the text of the checks
-- changes, and no row that was good becomes bad, so the tables need not be written anew.
pragma writable_schema = on;
update sqlite_schema set sql = replace(replace(replace(replace(sql,
  'check (json_valid(usb))', 'check (usb is null or json_valid(usb))'),
  'check (json_valid(profile))', 'check (profile is null or json_valid(profile))'),
  'check (json_valid(metadata_json))', 'check (metadata_json is null or json_valid(metadata_json))'),
  'check (json_valid(film_options))', 'check (film_options is null or json_valid(film_options))')
where type = 'table' and name in ('printer_machine', 'g_code_file', 'print');
pragma writable_schema = reset;

-- Tells all connections that the schema changed.
create table schema_changed (n integer) strict;
drop table schema_changed;
