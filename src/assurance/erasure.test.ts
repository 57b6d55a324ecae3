/** What arrives while its workspace is erased is kept nowhere. */
import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Scope } from '../access/scope.ts'
import { createWorkspace } from '../access/workspaces.ts'
import type { Program } from '../program.ts'
import { openTestProgram, type TestProgram } from '../program-fixture.ts'
import { eraseWorkspace } from './erasure.ts'

let opened: TestProgram
let program: Program
let owner: Scope

before(async () => {
  opened = await openTestProgram()
  program = opened.program
  owner = opened.owner
})
after(() => opened[Symbol.asyncDispose]())

/** A body whose end comes when it is let go. */
function heldBody() {
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  const { promise: end, resolve: letGo } = Promise.withResolvers<void>()
  async function* content() {
    yield Buffer.from('what a customer ')
    begin()
    await end
    yield Buffer.from('wrote')
  }
  return { content: content(), began, letGo }
}

function storedFiles(): string[] {
  const blobs = join(opened.folder, 'blobs')
  return readdirSync(blobs, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(blobs, name)).isFile())
}

const described = { name: 'a customer.txt', mimeType: 'text/plain' }
const uploads: Record<string, (scope: Scope, content: AsyncIterable<Buffer>) => Promise<unknown>> =
  {
    'a file': (scope, content) =>
      program.files.create(scope, { ...described, purpose: async () => 'user_data', content }),
    'a document': (scope, content) =>
      program.documents.create(scope, {
        ...described,
        content,
        limitBytes: 1_000,
        how: async () => ({ model: 'reader' }),
      }),
  }

for (const [what, upload] of Object.entries(uploads)) {
  test(`${what} that is being sent when its workspace is erased is refused and not stored`, async () => {
    const { db } = program.database
    const made = await createWorkspace(db, owner, `for ${what}`)
    const scope = await program.authenticator.authenticate({ kind: 'key', secret: made.secret })
    const { content, began, letGo } = heldBody()
    const sending = upload(scope, content)
    await began
    const parts = { ...program, db }
    const asking = { scope: owner, requestId: 'req_test' }
    await eraseWorkspace(parts, asking, { id: made.workspace.id, confirm: `for ${what}` })
    letGo()
    await assert.rejects(sending, { code: 'not_found' })
    assert.deepEqual(storedFiles(), [])
    assert.deepEqual(await db.selectFrom('blob_removals').selectAll().execute(), [])
  })
}
