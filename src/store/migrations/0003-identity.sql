-- Who may come in from a directory: OpenID Connect providers, the groups they tell of and the roles
-- those give, users provisioned over SCIM, and console sessions that can be seen and ended.

create table identity_providers (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  issuer text not null,
  client_id text not null,
  scopes text not null,
  groups_claim text not null,
  -- Whether an address the provider says is verified may claim a member who has it.
  link_by_email boolean not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, issuer)
);

-- Sign-ins on their way through the provider. A row is taken once, by the browser that began it.
create table sign_ins (
  state_hash bytea primary key,
  provider_id text not null references identity_providers on delete cascade,
  code_verifier text not null,
  nonce text not null,
  redirect_uri text not null,
  return_to text not null,
  expires_at timestamptz not null
);

create table identities (
  organisation_id text not null references organisations,
  issuer text not null,
  subject text not null,
  member_id text not null references members,
  last_signed_in_at timestamptz not null,
  primary key (organisation_id, issuer, subject)
);
create index identities_member on identities (member_id);

-- What a directory calls a user; external_id is the directory's own name for them.
alter table members
  add column user_name text,
  add column external_id text,
  add column updated_at timestamptz not null default now();
create unique index members_user_name on members (organisation_id, lower(user_name))
  where user_name is not null and removed_at is null;

-- An address belongs to one member at a time; whoever was removed frees theirs.
alter table members drop constraint members_organisation_id_email_key;
create unique index members_email on members (organisation_id, lower(email))
  where email is not null and removed_at is null;

create table directory_groups (
  id text primary key,
  organisation_id text not null references organisations,
  name text not null,
  external_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, name)
);

-- The groups of a member, by who told of them: SCIM, or the tokens of one provider.
create table member_groups (
  member_id text not null references members,
  group_name text not null,
  told_by text not null,
  primary key (member_id, told_by, group_name)
);

create table group_roles (
  organisation_id text not null references organisations,
  group_name text not null,
  workspace_id text not null references workspaces,
  role text not null check (role in ('owner', 'admin', 'builder', 'member', 'auditor')),
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, group_name, workspace_id)
);

-- Memberships that groups gave end with them; those given by hand stay.
alter table memberships add column given_by text not null default 'hand'
  check (given_by in ('hand', 'groups'));

-- The key a member's console sessions act through, one for each workspace. It has no secret.
alter table keys alter column secret_hash drop not null;
alter table keys add column purpose text not null default 'service'
  check (purpose in ('service', 'console'));
alter table keys add constraint keys_secret check ((secret_hash is null) = (purpose = 'console'));
create unique index keys_console on keys (member_id, workspace_id) where purpose = 'console';

-- The key that took over from one that was rotated.
alter table keys add column rotated_to text;

alter table sessions
  add column id text,
  add column provider_id text references identity_providers on delete set null;
update sessions set id = 'ses_' || encode(substring(secret_hash from 1 for 12), 'hex');
alter table sessions alter column id set not null;
create unique index sessions_id on sessions (id);
