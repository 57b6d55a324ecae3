-- The spine: who (organisations, workspaces, members, keys), what runs (packages, aliases), what was
-- used (limits, ledger), what happened (audit chain), durable work (runs), and stored data.

create table installation (
  name text primary key,
  value jsonb not null
);

create table organisations (
  id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table workspaces (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  created_at timestamptz not null default now(),
  erased_at timestamptz,
  unique (organisation_id, name)
);

create table members (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  email text,
  suspended_at timestamptz,
  removed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (organisation_id, email)
);

create table memberships (
  workspace_id text not null references workspaces,
  member_id text not null references members,
  role text not null check (role in ('owner', 'admin', 'builder', 'member', 'auditor')),
  primary key (workspace_id, member_id)
);

create table keys (
  id text primary key,
  organisation_id text not null references organisations,
  workspace_id text not null references workspaces,
  member_id text references members,
  name text not null,
  secret_hash bytea not null unique,
  prefix text not null,
  role text not null check (role in ('owner', 'admin', 'builder', 'member', 'auditor')),
  scopes text[],
  allowed_models text[],
  allowed_data_classes text[],
  created_by text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index keys_workspace on keys (workspace_id);

create table sessions (
  secret_hash bytea primary key,
  key_id text not null references keys,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create table data_keys (
  id text primary key,
  workspace_id text not null references workspaces,
  subject text not null,
  wrapped bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  unique (workspace_id, subject)
);

create table secrets (
  name text primary key,
  sealed bytea not null,
  updated_at timestamptz not null default now()
);

create table files (
  id text primary key,
  workspace_id text not null references workspaces,
  name text not null,
  purpose text not null,
  mime_type text not null,
  size_bytes bigint not null,
  blob text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index files_workspace on files (workspace_id, created_at desc, id desc);

create table packages (
  organisation_id text not null references organisations,
  hash text not null,
  name text not null,
  version text not null,
  engine text not null,
  task text not null,
  size_bytes bigint not null,
  manifest jsonb not null,
  signatures jsonb not null default '[]',
  imported_by text not null,
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (organisation_id, hash)
);

create table aliases (
  organisation_id text not null references organisations,
  name text not null,
  package_hash text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (organisation_id, name),
  foreign key (organisation_id, package_hash) references packages
);

create table alias_history (
  id bigint generated always as identity primary key,
  organisation_id text not null,
  name text not null,
  package_hash text not null,
  action text not null check (action in ('promote', 'rollback')),
  note text,
  at timestamptz not null default now(),
  by text not null
);
create index alias_history_name on alias_history (organisation_id, name, id desc);

create table signers (
  organisation_id text not null references organisations,
  fingerprint text not null,
  name text not null,
  public_key text not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, fingerprint)
);

create table egress_rules (
  id text primary key,
  organisation_id text not null references organisations,
  host text not null,
  port integer not null check (port between 1 and 65535),
  allow_private boolean not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, host, port)
);

create table egress_destinations (
  host text not null,
  port integer not null,
  outcome text not null check (outcome in ('allowed', 'refused')),
  reason text not null,
  purpose text not null,
  attempts bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (host, port, outcome)
);

create table runs (
  id text primary key,
  workspace_id text not null references workspaces,
  kind text not null,
  status text not null check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
  input jsonb not null,
  actor jsonb not null,
  progress_done integer not null default 0,
  progress_total integer,
  result jsonb,
  error jsonb,
  attempts integer not null default 0,
  cancel_requested_at timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  deleted_at timestamptz
);
create index runs_workspace on runs (workspace_id, kind, created_at desc, id desc);

create table run_items (
  run_id text not null references runs,
  item integer not null,
  status text not null check (status in ('done', 'failed')),
  result jsonb not null,
  call_id text,
  at timestamptz not null default now(),
  primary key (run_id, item)
);

create table limits (
  id text primary key,
  workspace_id text not null references workspaces,
  subject_kind text not null check (subject_kind in ('workspace', 'member', 'key')),
  subject_id text not null,
  metric text not null check (metric in ('requests', 'tokens', 'euros', 'joules')),
  span text not null check (span in ('minute', 'hour', 'day', 'month', 'total')),
  amount double precision not null check (amount >= 0),
  created_by text not null,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create index limits_workspace on limits (workspace_id) where removed_at is null;

create table limit_counters (
  limit_id text not null references limits,
  window_start timestamptz not null,
  used double precision not null default 0,
  reserved double precision not null default 0,
  primary key (limit_id, window_start)
);

-- What calls in flight have set aside. A row outlives its call only when its process was killed;
-- the sweep then gives the amount back.
create table reservations (
  call_id text primary key,
  expires_at timestamptz not null,
  items jsonb not null
);

create table ledger_entries (
  call_id text primary key,
  organisation_id text not null,
  workspace_id text not null,
  key_id text,
  member_id text,
  at timestamptz not null,
  model text not null,
  package_hash text not null,
  engine text not null,
  task text not null,
  status text not null check (status in ('ok', 'failed', 'cancelled')),
  error_code text,
  run_id text,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cached_tokens bigint not null,
  pages integer not null,
  queue_seconds double precision not null,
  run_seconds double precision not null,
  first_token_seconds double precision,
  cpu_seconds double precision,
  joules double precision,
  joules_source text check (joules_source in ('measured', 'attributed', 'estimated')),
  grams_co2e double precision,
  euros double precision not null,
  audit_seq bigint not null
);
create index ledger_time on ledger_entries (workspace_id, at desc);

create table audit_heads (
  organisation_id text primary key references organisations,
  seq bigint not null,
  link bytea not null
);

create table audit_records (
  organisation_id text not null references organisations,
  seq bigint not null,
  at timestamptz not null,
  kind text not null,
  actor_id text not null,
  workspace_id text,
  -- The canonical JSON text the digest was taken over; text, not jsonb, so that it stays byte-exact.
  body text not null,
  digest bytea not null,
  link bytea not null,
  primary key (organisation_id, seq)
);
create index audit_kind on audit_records (organisation_id, kind, seq desc);

create table audit_checkpoints (
  organisation_id text not null references organisations,
  seq bigint not null,
  root bytea not null,
  -- Roots of the perfect subtrees left to right, so that the next checkpoint reads only new records.
  frontier jsonb not null,
  signed_at timestamptz not null,
  signature bytea not null,
  fingerprint text not null,
  primary key (organisation_id, seq)
);

-- Appends one record to an organisation's chain and returns its sequence number.
-- link(n) = SHA-256(link(n-1) || n as 8 bytes big-endian || digest(n)).
create function append_audit(organisation text, entry jsonb) returns bigint
language plpgsql as $$
declare
  head audit_heads%rowtype;
  next_digest bytea := decode(entry->>'digest', 'hex');
  next_link bytea;
begin
  select * into head from audit_heads where organisation_id = organisation for update;
  if not found then
    raise exception 'organisation % has no audit chain', organisation;
  end if;
  next_link := sha256(head.link || int8send(head.seq + 1) || next_digest);
  insert into audit_records (organisation_id, seq, at, kind, actor_id, workspace_id, body, digest, link)
  values (organisation, head.seq + 1, (entry->>'at')::timestamptz, entry->>'kind', entry->>'actor',
          entry->>'workspace', entry->>'body', next_digest, next_link);
  update audit_heads set seq = head.seq + 1, link = next_link where organisation_id = organisation;
  return head.seq + 1;
end $$;

create function window_start(span text, at timestamptz) returns timestamptz
language sql immutable as $$
  select case when span = 'total' then timestamptz 'epoch'
              else date_trunc(span, at at time zone 'UTC') at time zone 'UTC' end
$$;

-- Sets aside what each request may use, or refuses it, one after the other in one transaction.
-- requests: [{call, workspace, key, member, at, expires, requests, tokens, euros, joules}].
-- Returns per request: {call, counted: [{limit, start}]} or {call, refused: {limit, metric, span, ...}}.
create function reserve_usage(requests jsonb) returns jsonb
language plpgsql as $$
declare
  request jsonb;
  item record;
  counted jsonb;
  items jsonb;
  refused jsonb;
  wanted double precision;
  answers jsonb := '[]';
begin
  for request in select * from jsonb_array_elements(requests) loop
    counted := '[]'; items := '[]'; refused := null;
    for item in
      select l.id, l.metric, l.span, l.amount, window_start(l.span, (request->>'at')::timestamptz) as start
      from limits l
      where l.workspace_id = request->>'workspace' and l.removed_at is null
        and ((l.subject_kind = 'workspace' and l.subject_id = request->>'workspace')
          or (l.subject_kind = 'key' and l.subject_id = request->>'key')
          or (l.subject_kind = 'member' and l.subject_id = request->>'member'))
      order by l.id
    loop
      wanted := coalesce((request->>item.metric)::double precision, 0);
      insert into limit_counters (limit_id, window_start) values (item.id, item.start)
        on conflict do nothing;
      select case when c.used + c.reserved + wanted > item.amount
               or (item.metric <> 'requests' and c.used + c.reserved >= item.amount)
             then jsonb_build_object('limit', item.id, 'metric', item.metric, 'span', item.span,
               'amount', item.amount, 'used', c.used, 'reserved', c.reserved, 'wanted', wanted) end
        into refused
        from limit_counters c where c.limit_id = item.id and c.window_start = item.start for update;
      exit when refused is not null;
      counted := counted || jsonb_build_object('limit', item.id, 'metric', item.metric, 'start', item.start);
      items := items || jsonb_build_object('limit', item.id, 'start', item.start, 'amount', wanted);
    end loop;
    if refused is null then
      update limit_counters c set reserved = c.reserved + (i->>'amount')::double precision
        from jsonb_array_elements(items) i
        where c.limit_id = i->>'limit' and c.window_start = (i->>'start')::timestamptz;
      if jsonb_array_length(items) > 0 then
        insert into reservations (call_id, expires_at, items)
        values (request->>'call', (request->>'expires')::timestamptz, items)
        on conflict (call_id) do nothing;
      end if;
      answers := answers || jsonb_build_object('call', request->>'call', 'counted', counted);
    else
      answers := answers || jsonb_build_object('call', request->>'call', 'refused', refused);
    end if;
  end loop;
  return answers;
end $$;

-- Gives back what a reservation held.
create function release_reservation(call text) returns void
language plpgsql as $$
declare held jsonb;
begin
  delete from reservations where call_id = call returning items into held;
  if held is not null then
    update limit_counters c set reserved = greatest(0, c.reserved - (i->>'amount')::double precision)
      from jsonb_array_elements(held) i
      where c.limit_id = i->>'limit' and c.window_start = (i->>'start')::timestamptz;
  end if;
end $$;

-- Books finished calls and other events: ledger entry, settled budgets, run item and audit record of
-- one entry stand or fall together. A call that was booked before is left as it is.
-- entries: [{organisation, audit, ledger?, counted?, item?}]. Returns the audit numbers in order.
create function book(entries jsonb) returns jsonb
language plpgsql as $$
declare
  entry jsonb;
  ledger jsonb;
  seq bigint;
  counted jsonb;
  numbers jsonb := '[]';
begin
  for entry in select * from jsonb_array_elements(entries) loop
    ledger := entry->'ledger';
    seq := null;
    if ledger is not null then
      select e.audit_seq into seq from ledger_entries e where e.call_id = ledger->>'call_id';
    end if;
    if seq is null then
      seq := append_audit(entry->>'organisation', entry->'audit');
      if ledger is not null then
        insert into ledger_entries
          select * from jsonb_populate_record(null::ledger_entries,
            ledger || jsonb_build_object('audit_seq', seq));
        perform release_reservation(ledger->>'call_id');
        for counted in select * from jsonb_array_elements(coalesce(entry->'counted', '[]')) loop
          update limit_counters c
            set used = c.used + coalesce((entry->'actual'->>(counted->>'metric'))::double precision, 0)
            where c.limit_id = counted->>'limit' and c.window_start = (counted->>'start')::timestamptz;
        end loop;
      end if;
    end if;
    if entry->'item' is not null then
      insert into run_items (run_id, item, status, result, call_id)
      values (entry->'item'->>'run', (entry->'item'->>'index')::integer, entry->'item'->>'status',
              entry->'item'->'result', ledger->>'call_id')
      on conflict do nothing;
    end if;
    numbers := numbers || to_jsonb(seq);
  end loop;
  return numbers;
end $$;
