-- Evidence about checkpoints that was made outside this installation's control: a second person's
-- signature, a time-stamping authority's token, a file on a share.
create table audit_anchors (
  id text primary key,
  organisation_id text not null references organisations,
  seq bigint not null,
  kind text not null check (kind in ('countersignature', 'timestamp', 'file')),
  -- Base64 of the public key, address of the authority, or path of the file.
  made_by text not null,
  evidence bytea not null,
  at timestamptz not null,
  foreign key (organisation_id, seq) references audit_checkpoints (organisation_id, seq)
);
create index audit_anchors_seq on audit_anchors (organisation_id, seq);
