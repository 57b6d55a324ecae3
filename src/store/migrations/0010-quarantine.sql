-- Model files that failed a check, kept apart with the reason until somebody has looked at them.
create table quarantine (
  id text primary key,
  name text not null,
  -- an address, or this installation's own store
  source text not null,
  sha256 text not null,
  size_bytes bigint not null,
  reason text not null,
  created_at timestamptz not null default now()
);
