alter table printer add column watch_first_layer integer not null default 0 check (watch_first_layer in (0, 1));

-- The event log has a type more. Only the text of the check changes, and no row that was good becomes bad, so the table
-- need not be written anew.
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, '''FAILURE_ALERTED'', ', '''FAILURE_ALERTED'', ''FIRST_LAYER'', ')
where type = 'table' and name = 'printer_event';
pragma writable_schema = reset;

-- Tells all connections that the schema changed.
create table schema_changed (n integer) strict;
drop table schema_changed;
