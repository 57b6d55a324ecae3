-- Certificates of what was erased, as they were handed out. A certificate says nothing of the contents.
create table erasures (
  id text primary key,
  organisation_id text not null references organisations,
  workspace_id text not null references workspaces,
  certificate jsonb not null,
  at timestamptz not null
);
