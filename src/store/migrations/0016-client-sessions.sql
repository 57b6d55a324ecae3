-- Short-lived secrets for programs that must not hold a key, such as a page in a browser. Each acts as the
-- key it was made with, for one model and for minutes.
create table client_sessions (
  id text primary key,
  secret_hash bytea not null unique,
  key_id text not null references keys,
  model text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index client_sessions_expiry on client_sessions (expires_at);
