-- Messages to services that a person has set up: what waits to be sent, and what became of it.
create table notice_delivery (
  -- Rises with each message; never given twice.
  id integer primary key autoincrement,
  -- Which service, and of what it is told.
  setting_id integer not null references notification_setting (id) on delete cascade,
  -- About which printer. Null: a test. Without a reference: the log outlives a printer.
  printer_id integer,
  -- What it is about: `failure`, `print_done` and so on.
  topic text not null check (length(topic) between 1 and 32),
  -- One line.
  title text not null,
  -- A sentence or two.
  text text not null,
  -- What the service's own form needs besides, a JSON object.
  facts text not null default '{}' check (json_valid(facts)),
  -- The picture that goes with it, JPEG; dropped when it was sent or is not sent any more.
  picture blob,
  created_at integer not null,
  -- How it stands; `quiet` was held back by quiet hours.
  state text not null check (state in ('waiting', 'sent', 'refused', 'given_up', 'quiet')),
  -- How often it was tried.
  attempts integer not null default 0 check (attempts >= 0),
  -- When it is tried next. Null: not any more.
  next_at integer,
  -- What the service said last, or why it could not be reached.
  answer text not null default '',
  check ((state = 'waiting') = (next_at is not null)),
  check (state = 'waiting' or picture is null)
) strict;
create index notice_delivery_waiting on notice_delivery (next_at) where state = 'waiting';
