-- A printer may be shown by several cameras, one of which is watched.
alter table printer add column other_cameras text not null default '[]' check (json_valid(other_cameras));

-- What is left of a camera's picture.
alter table camera add column crop text check (crop is null or json_valid(crop));
