-- How long a workspace keeps what it was given, by kind. Without a rule it is kept until somebody removes it.
create table retention_rules (
  workspace_id text not null references workspaces,
  kind text not null check (kind in ('files', 'documents', 'batches')),
  days integer not null check (days between 1 and 36500),
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (workspace_id, kind)
);

-- What was removed before keeps no names or answers either.
update files set name = '' where deleted_at is not null;
update runs set input = '{}', result = null, error = null where deleted_at is not null;
