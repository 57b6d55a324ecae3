-- Stored bytes that are to go. Written in the transaction that makes them unneeded, so that a kill, or a
-- store that is away, puts their removal off and does not lose it.
create table blob_removals (
  -- An object's name, or a folder's with a slash at its end.
  name text primary key,
  due_at timestamptz not null,
  -- Somebody began to remove it: from then on nothing may be kept under that name.
  begun boolean not null default false
);
create index blob_removals_due on blob_removals (due_at);
