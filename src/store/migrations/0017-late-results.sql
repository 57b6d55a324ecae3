-- A call whose run was removed or erased meanwhile is booked without a result: there is nobody to have it.
create or replace function book(organisation text, entries jsonb) returns bigint[]
language plpgsql as $$
declare
  head audit_heads%rowtype;
  numbers bigint[] := '{}';
  fresh boolean[] := '{}';
  links bytea[] := '{}';
  has_ledger boolean := entries @? '$[*].ledger';
begin
  select * into head from audit_heads where organisation_id = organisation for update;
  if not found then
    raise exception 'organisation % has no audit chain', organisation;
  end if;
  if has_ledger then
    -- A subquery and not a join: the plan is kept from when the table was empty, and a join would
    -- read the whole ledger for ever after.
    select array_agg(
        (select audit_seq from ledger_entries where call_id = e->'ledger'->>'call_id') order by i)
      into numbers
      from jsonb_array_elements(entries) with ordinality one(e, i);
  end if;
  for i in 1..jsonb_array_length(entries) loop
    fresh[i] := numbers[i] is null;
    if fresh[i] then
      head.seq := head.seq + 1;
      head.link := sha256(head.link || int8send(head.seq)
        || decode(entries->(i - 1)->'audit'->>'digest', 'hex'));
      numbers[i] := head.seq;
      links[i] := head.link;
    end if;
  end loop;

  insert into audit_records (organisation_id, seq, at, kind, actor_id, workspace_id, body, digest, link)
    select organisation, numbers[i], (a->>'at')::timestamptz, a->>'kind', a->>'actor', a->>'workspace',
           a->>'body', decode(a->>'digest', 'hex'), links[i]
    from jsonb_array_elements(entries) with ordinality one(e, i), lateral (select e->'audit') audit(a)
    where fresh[i];
  update audit_heads set seq = head.seq, link = head.link where organisation_id = organisation;

  if has_ledger then
    insert into ledger_entries
      select entry_row.*
      from jsonb_array_elements(entries) with ordinality one(e, i),
        lateral jsonb_populate_record(null::ledger_entries,
          e->'ledger' || jsonb_build_object('audit_seq', numbers[i])) entry_row
      where fresh[i] and e->'ledger' is not null;
  end if;
  if entries @? '$[*].counted[0]' then
    perform settle_budgets(entries, fresh);
  end if;
  if entries @? '$[*].item' then
    insert into run_items (run_id, item, status, result, call_id)
      select e->'item'->>'run', (e->'item'->>'index')::integer, e->'item'->>'status',
             e->'item'->'result', e->'ledger'->>'call_id'
      from jsonb_array_elements(entries) one(e)
      join runs on runs.id = e->'item'->>'run' and runs.deleted_at is null
      where e->'item' is not null
      on conflict do nothing;
  end if;
  return numbers;
end $$;

-- Somebody here and the directory may both have ended a member; each takes back their own.
alter table members drop constraint members_suspended_by_check;
alter table members add constraint members_suspended_by_check
  check (suspended_by in ('hand', 'directory', 'both'));
