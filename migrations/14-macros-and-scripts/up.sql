alter table macro add column colour text
  check (colour in ('blue', 'teal', 'green', 'ochre', 'plum', 'violet'));
alter table macro add column confirm integer not null default 0 check (confirm in (0, 1));
alter table printer add column scripts text not null default '{}' check (json_valid(scripts));
