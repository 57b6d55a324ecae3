-- The organisation's first workspace is its home: what concerns the whole organisation (identity, egress,
-- secrets, workspaces, backups, the audit chain as a whole) is decided there and nowhere else.
alter table workspaces add column is_home boolean not null default false;
update workspaces set is_home = true where id in (
  select distinct on (organisation_id) id from workspaces order by organisation_id, created_at, id
);
create unique index workspaces_home on workspaces (organisation_id) where is_home;
