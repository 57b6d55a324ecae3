/** Row types of the tables in `migrations/`; the SQL files are the truth, this is their shape. */
import type { ColumnType, Generated, Selectable } from 'kysely'

type Time = ColumnType<Date, Date | string, Date | string>
type DefaultTime = ColumnType<Date, Date | string | undefined, Date | string>
type OptionalTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
/** jsonb: values go in as JSON text, come out parsed. */
type Json<T> = ColumnType<T, string, string>
type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>

type Suspender = 'hand' | 'directory' | 'both'

export type Span = 'minute' | 'hour' | 'day' | 'month' | 'total'

export type UploadStatus = 'pending' | 'completed' | 'cancelled' | 'expired'

export type Role = 'owner' | 'admin' | 'builder' | 'member' | 'auditor'

export interface Tables {
  installation: { name: string; value: Json<unknown> }
  organisations: { id: string; name: string; created_at: DefaultTime }
  workspaces: {
    id: string
    organisation_id: string
    name: string
    created_at: DefaultTime
    erased_at: OptionalTime
    /** The organisation's first workspace, where what concerns all of it is decided. */
    is_home: ColumnType<boolean, boolean | undefined, never>
  }
  members: {
    id: string
    organisation_id: string
    name: string
    email: string | null
    user_name: string | null
    external_id: string | null
    suspended_at: OptionalTime
    suspended_by: ColumnType<Suspender | null, Suspender | null | undefined, Suspender | null>
    removed_at: OptionalTime
    created_at: DefaultTime
    updated_at: DefaultTime
  }
  memberships: {
    workspace_id: string
    member_id: string
    role: Role
    given_by: ColumnType<'hand' | 'groups', 'hand' | 'groups' | undefined, 'hand' | 'groups'>
  }
  retention_rules: {
    workspace_id: string
    kind: 'files' | 'documents' | 'batches' | 'responses'
    days: number
    changed_by: string
    changed_at: Time
  }
  blob_removals: { name: string; due_at: Time; begun: Generated<boolean> }
  webhooks: {
    id: string
    workspace_id: string
    url: string
    events: string[]
    created_by: string
    created_at: DefaultTime
    removed_at: OptionalTime
  }
  webhook_deliveries: {
    id: string
    webhook_id: string
    event: string
    payload: Json<unknown>
    status: 'pending' | 'delivered' | 'failed'
    attempts: Generated<number>
    last_error: string | null
    created_at: DefaultTime
    ended_at: OptionalTime
  }
  idempotency_keys: {
    workspace_id: string
    key_id: string
    slot: string
    fingerprint: string
    status: number | null
    answer: Buffer | null
    begun_at: Time
  }
  erasures: {
    id: string
    organisation_id: string
    workspace_id: string
    certificate: Json<unknown>
    at: Time
  }
  audit_anchors: {
    id: string
    organisation_id: string
    seq: number
    kind: 'countersignature' | 'timestamp' | 'file'
    made_by: string
    evidence: Buffer
    at: Time
  }
  identity_providers: {
    id: string
    organisation_id: string
    name: string
    issuer: string
    client_id: string
    scopes: string
    groups_claim: string
    link_by_email: boolean
    created_by: string
    created_at: DefaultTime
  }
  sign_ins: {
    state_hash: Buffer
    provider_id: string
    code_verifier: string
    nonce: string
    redirect_uri: string
    return_to: string
    expires_at: Time
  }
  identities: {
    organisation_id: string
    issuer: string
    subject: string
    member_id: string
    last_signed_in_at: Time
  }
  directory_groups: {
    id: string
    organisation_id: string
    name: string
    external_id: string | null
    created_at: DefaultTime
    updated_at: DefaultTime
  }
  member_groups: { member_id: string; group_name: string; told_by: string }
  group_roles: {
    organisation_id: string
    group_name: string
    workspace_id: string
    role: Role
    created_by: string
    created_at: DefaultTime
  }
  keys: {
    id: string
    organisation_id: string
    workspace_id: string
    member_id: string | null
    name: string
    /** Null for the key that a member's console sessions act through. */
    secret_hash: Buffer | null
    prefix: string
    purpose: ColumnType<'service' | 'console', 'service' | 'console' | undefined, never>
    /** The key that takes over from this one. */
    rotated_to: string | null
    role: Role
    scopes: string[] | null
    allowed_models: string[] | null
    allowed_data_classes: string[] | null
    created_by: string | null
    created_at: DefaultTime
    expires_at: OptionalTime
    revoked_at: OptionalTime
    last_used_at: OptionalTime
  }
  sessions: {
    id: string
    secret_hash: Buffer
    key_id: string
    provider_id: string | null
    created_at: DefaultTime
    expires_at: Time
  }
  client_sessions: {
    id: string
    secret_hash: Buffer
    key_id: string
    model: string
    created_at: DefaultTime
    expires_at: Time
  }
  data_keys: {
    id: string
    workspace_id: string
    subject: string
    wrapped: Buffer | null
    created_at: DefaultTime
    destroyed_at: OptionalTime
  }
  secrets: { name: string; sealed: Buffer; updated_at: DefaultTime }
  files: {
    id: string
    workspace_id: string
    name: string
    purpose: string
    mime_type: string
    size_bytes: number
    blob: string
    created_by: string
    created_at: DefaultTime
    deleted_at: OptionalTime
  }
  uploads: {
    id: string
    workspace_id: string
    name: string
    purpose: string
    mime_type: string
    size_bytes: number
    status: ColumnType<UploadStatus, UploadStatus | undefined, UploadStatus>
    file_id: string | null
    created_by: string
    created_at: DefaultTime
    expires_at: Time
    ended_at: OptionalTime
  }
  upload_parts: {
    id: string
    upload_id: string
    blob: string
    size_bytes: number
    created_at: DefaultTime
  }
  packages: {
    organisation_id: string
    hash: string
    name: string
    version: string
    engine: string
    task: string
    size_bytes: number
    manifest: Json<unknown>
    signatures: Json<unknown>
    imported_by: string
    created_at: DefaultTime
    removed_at: OptionalTime
  }
  aliases: {
    organisation_id: string
    name: string
    package_hash: string
    updated_at: DefaultTime
    updated_by: string
  }
  alias_history: {
    id: Generated<number>
    organisation_id: string
    name: string
    package_hash: string
    action: 'promote' | 'rollback'
    note: string | null
    at: DefaultTime
    by: string
  }
  signers: {
    organisation_id: string
    fingerprint: string
    name: string
    public_key: string
    created_at: DefaultTime
  }
  egress_rules: {
    id: string
    organisation_id: string
    host: string
    port: number
    allow_private: boolean
    created_by: string
    created_at: DefaultTime
  }
  egress_destinations: {
    host: string
    port: number
    outcome: 'allowed' | 'refused'
    reason: string
    purpose: string
    attempts: number
    first_at: Time
    last_at: Time
  }
  runs: {
    id: string
    workspace_id: string
    kind: string
    status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
    input: Json<unknown>
    actor: Json<unknown>
    progress_done: Generated<number>
    progress_total: number | null
    result: OptionalJson<unknown>
    error: OptionalJson<{ code: string; message: string }>
    attempts: Generated<number>
    cancel_requested_at: OptionalTime
    created_at: DefaultTime
    started_at: OptionalTime
    finished_at: OptionalTime
    deleted_at: OptionalTime
  }
  responses: {
    id: string
    workspace_id: string
    sealed: Buffer
    created_at: DefaultTime
  }
  quarantine: {
    id: string
    name: string
    source: string
    sha256: string
    size_bytes: number
    reason: string
    created_at: DefaultTime
  }
  run_items: {
    run_id: string
    item: number
    status: 'done' | 'failed'
    result: Json<unknown>
    call_id: string | null
    at: DefaultTime
  }
  limits: {
    id: string
    workspace_id: string
    subject_kind: 'workspace' | 'member' | 'key'
    subject_id: string
    metric: 'requests' | 'tokens' | 'euros' | 'joules'
    span: Span
    amount: number
    created_by: string
    created_at: DefaultTime
    removed_at: OptionalTime
  }
  limit_counters: { limit_id: string; window_start: Time; used: number; reserved: number }
  reservations: { call_id: string; expires_at: Time; items: Json<unknown> }
  ledger_entries: {
    call_id: string
    organisation_id: string
    workspace_id: string
    key_id: string | null
    member_id: string | null
    at: Time
    model: string
    package_hash: string
    engine: string
    task: string
    status: 'ok' | 'failed' | 'cancelled'
    error_code: string | null
    run_id: string | null
    input_tokens: number
    output_tokens: number
    cached_tokens: number
    pages: number
    queue_seconds: number
    run_seconds: number
    first_token_seconds: number | null
    cpu_seconds: number | null
    joules: number | null
    joules_source: 'measured' | 'attributed' | 'estimated' | null
    grams_co2e: number | null
    euros: number
    audit_seq: number
  }
  audit_heads: { organisation_id: string; seq: number; link: Buffer }
  audit_records: {
    organisation_id: string
    seq: number
    at: Time
    kind: string
    actor_id: string
    workspace_id: string | null
    body: string
    digest: Buffer
    link: Buffer
  }
  audit_checkpoints: {
    organisation_id: string
    seq: number
    root: Buffer
    frontier: Json<string[]>
    signed_at: Time
    signature: Buffer
    fingerprint: string
  }
}

export type Row<T extends keyof Tables> = Selectable<Tables[T]>
