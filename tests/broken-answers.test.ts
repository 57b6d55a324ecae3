/** An answer that breaks off while it is sent never looks complete, and tells nothing of why. */
import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProgram } from './running-program.ts'

test('a stored file that was changed on disk is not handed out as if it were whole', async () => {
  await using program = await startProgram({ environment: { BASTIDE_LOG_LEVEL: 'silent' } })
  const headers = { authorization: `Bearer ${program.key}` }
  const form = new FormData()
  form.set('file', new File([new Uint8Array(400_000).fill(7)], 'large.bin'))
  const upload = await fetch(new URL('/v1/files', program.url), {
    method: 'POST',
    headers,
    body: form,
  })
  const { id } = (await upload.json()) as { id: string }
  const path = globSync(join(program.folder, 'blobs/*/*/*')).find(
    (one) => statSync(one).size > 400_000,
  )!
  const bytes = readFileSync(path)
  bytes[300_000]! ^= 1
  writeFileSync(path, bytes)
  const answer = await fetch(new URL(`/v1/files/${id}/content`, program.url), { headers })
  assert.equal(answer.status, 200)
  await assert.rejects(answer.arrayBuffer())
  // Without a stated length a cut connection is all that tells.
  const raw = await fetch(new URL(`/v1/files/${id}/content`, program.url), { headers })
  const seen: Uint8Array[] = []
  const reading = (async () => {
    for await (const chunk of raw.body!) seen.push(chunk)
  })()
  await assert.rejects(reading)
  assert.ok(!Buffer.concat(seen).includes('Error'))
  assert.equal((await fetch(new URL('/health', program.url))).status, 200)
})
