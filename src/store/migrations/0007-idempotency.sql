-- Answers to requests that carried an idempotency key, so that a repeated one is answered, not done again.
create table idempotency_keys (
  workspace_id text not null references workspaces,
  key_id text not null references keys,
  -- Digest of route and header, under the workspace's key.
  slot text not null,
  -- Digest of the request's body.
  fingerprint text not null,
  -- Null while the request is under way.
  status integer,
  -- The answer, sealed under the workspace's key.
  answer bytea,
  begun_at timestamptz not null,
  primary key (workspace_id, key_id, slot)
);
create index idempotency_keys_begun on idempotency_keys (begun_at);
