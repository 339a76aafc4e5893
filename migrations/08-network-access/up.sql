-- Who may come in from the network: paired devices, links to look by, API keys. A row that is removed is revoked.
create table access_grant (
  -- Never given twice: tickets and logs name it.
  id integer primary key autoincrement,
  -- A paired phone or computer, a link that ends, a key of a script or slicer.
  kind text not null check (kind in ('device', 'link', 'key')),
  name text not null check (length(name) between 1 and 64),
  -- What it may do; each role may do all that those before it may.
  role text not null check (role in ('view', 'operate', 'owner')),
  -- SHA-256 of the secret, which has 128 random bits and is kept nowhere.
  secret_hash blob not null unique check (length(secret_hash) = 32),
  created_at integer not null,
  -- When it was last used, to ten minutes. Null: never.
  seen_at integer,
  -- When it ends by itself. Null: when it is revoked.
  ends_at integer,
  check (kind <> 'link' or (role = 'view' and ends_at is not null))
) strict;
