-- Where a workspace wants to be told that durable work has ended, and every telling.
create table webhooks (
  id text primary key,
  workspace_id text not null references workspaces,
  url text not null,
  events text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create index webhooks_workspace on webhooks (workspace_id) where removed_at is null;

create table webhook_deliveries (
  id text primary key,
  webhook_id text not null references webhooks,
  event text not null,
  payload jsonb not null,
  status text not null check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  last_error text,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index webhook_deliveries_of on webhook_deliveries (webhook_id, created_at desc);
