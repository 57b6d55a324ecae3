-- Answers that can be asked for again and gone on from, sealed under the workspace's key.
create table responses (
  id text primary key,
  workspace_id text not null references workspaces,
  sealed bytea not null,
  created_at timestamptz not null default now()
);
create index responses_workspace on responses (workspace_id, created_at);

alter table retention_rules drop constraint retention_rules_kind_check;
alter table retention_rules add constraint retention_rules_kind_check
  check (kind in ('files', 'documents', 'batches', 'responses'));

-- Clients keep answers without being told to, so these have an end from the beginning.
insert into retention_rules (workspace_id, kind, days, changed_by, changed_at)
select id, 'responses', 30, 'system', now() from workspaces where erased_at is null;
