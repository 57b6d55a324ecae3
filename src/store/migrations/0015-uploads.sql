-- Files that arrive in parts. Each part is a sealed blob of its own until the whole is put together.
create table uploads (
  id text primary key,
  workspace_id text not null references workspaces,
  name text not null,
  purpose text not null,
  mime_type text not null,
  size_bytes bigint not null,
  status text not null default 'pending'
    check (status in ('pending', 'completed', 'cancelled', 'expired')),
  file_id text,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index uploads_workspace on uploads (workspace_id);
create index uploads_pending on uploads (expires_at) where status = 'pending';

create table upload_parts (
  id text primary key,
  upload_id text not null references uploads on delete cascade,
  blob text not null,
  size_bytes bigint not null,
  created_at timestamptz not null default now()
);
create index upload_parts_upload on upload_parts (upload_id);
