-- Spools of filament: what is on them, where they are loaded, what prints used of them; and why a print failed.
-- Spools of filament. What is left of one is not kept: it follows from what was on it and from what was used.
create table spool (
  -- Never given twice: notes on spools name it.
  id integer primary key autoincrement,
  name text not null check (length(name) between 1 and 64),
  -- Who made it; may be empty.
  vendor text not null default '' check (length(vendor) <= 64),
  -- Such as PLA; may be empty.
  material text not null default '' check (length(material) <= 64),
  -- `#rrggbb`; null is unknown.
  color text check (length(color) = 7),
  -- mm.
  diameter_mm real not null check (diameter_mm > 0),
  -- g/cm³.
  density real not null check (density > 0),
  -- Filament on the full spool, g.
  net_g real not null check (net_g > 0),
  -- The spool without filament, g; null is unknown.
  empty_g real check (empty_g >= 0),
  -- Of the full spool, in the person's currency; null is unknown.
  price real check (price >= 0),
  -- Where it lies; may be empty.
  location text not null default '' check (length(location) <= 64),
  -- A person's own words; may be empty.
  notes text not null default '' check (length(notes) <= 2000),
  -- Of the nozzle, °C; null is unknown.
  hotend_c real check (hotend_c >= 0),
  -- °C; null is unknown.
  bed_c real check (bed_c >= 0),
  -- Used apart from what prints have counted, g: before it was added, and what weighing has shown. Below 0 where too much
  -- was counted.
  other_used_g real not null default 0,
  -- When it was last weighed, or its rest was last set; null: never.
  measured_at integer,
  -- Put away since; null while it is in use.
  archived_at integer,
  created_at integer not null,
  -- Number in the Spoolman that it came from; null: it was added here.
  spoolman_id integer
) strict;

-- What is loaded on printers. A spool is in one place.
create table loaded_spool (
  printer_id integer not null references printer (id) on delete cascade,
  -- From 0.
  tool integer not null check (tool between 0 and 15),
  spool_id integer not null unique references spool (id) on delete cascade,
  primary key (printer_id, tool)
) strict;

-- What each print used of each spool: one row from one change of spools to the next.
create table print_spool (
  id integer primary key,
  -- Null when the print was erased: what it used stays used.
  print_id integer references print (id) on delete set null,
  -- Of the print, from 0.
  part integer not null check (part >= 0),
  -- From 0.
  tool integer not null check (tool between 0 and 255),
  -- Null: nobody has said which was loaded.
  spool_id integer references spool (id) on delete set null,
  -- mm.
  used_mm real not null check (used_mm >= 0),
  -- By the spool's thickness and density when it was counted; null without a spool.
  used_g real check (used_g >= 0),
  -- An estimate: the app ended in the middle, or the printer did not tell.
  about integer not null default 0 check (about in (0, 1)),
  -- The spool was weighed since, so the estimate does not blur what is left.
  weighed_since integer not null default 0 check (weighed_since in (0, 1)),
  unique (print_id, part)
) strict;

create index print_spool_by_spool on print_spool (spool_id);

-- Why it failed, in a person's own word.
alter table print add column reason text check (length(reason) between 1 and 64);
