-- Messages to services that a person has set up: what waits to be sent, and what became of it.
create table notice_delivery (
  id integer primary key autoincrement,
  setting_id integer not null references notification_setting (id) on delete cascade,
  -- About which printer. Null: a test. Without a reference: the log outlives a printer.
  printer_id integer,
  topic text not null check (length(topic) between 1 and 32),
  title text not null,
  text text not null,
  -- What the service's own form needs besides, a JSON object.
  facts text not null default '{}' check (json_valid(facts)),
  -- The picture that goes with it, JPEG; dropped when it was sent or is not sent any more.
  picture blob,
  created_at integer not null,
  state text not null check (state in ('waiting', 'sent', 'refused', 'given_up', 'quiet')),
  attempts integer not null default 0 check (attempts >= 0),
  -- When it is tried next. Null: not any more.
  next_at integer,
  -- What the service said last, or why it could not be reached.
  answer text not null default '',
  check ((state = 'waiting') = (next_at is not null)),
  check (state = 'waiting' or picture is null)
) strict;
create index notice_delivery_waiting on notice_delivery (next_at) where state = 'waiting';
