-- Whom the directory ended, only the directory or the home workspace brings back; and a directory that says
-- "active" of everybody does not bring back whom an administrator suspended.
alter table members add column suspended_by text check (suspended_by in ('hand', 'directory'));
update members set suspended_by = 'hand' where suspended_at is not null;
alter table members add constraint members_suspended
  check ((suspended_at is null) = (suspended_by is null));
