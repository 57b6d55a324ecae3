import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { discardStaleUploads } from './data-folder.ts'

test('uploads left behind a day ago are removed; those that may go on, and a new folder, are left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-'))
  discardStaleUploads(folder)
  const incoming = join(folder, 'blobs', 'incoming')
  mkdirSync(incoming, { recursive: true })
  for (const name of ['old', 'new']) writeFileSync(join(incoming, name), name)
  const dayAgo = Date.now() / 1000 - 25 * 3600
  utimesSync(join(incoming, 'old'), dayAgo, dayAgo)
  discardStaleUploads(folder)
  assert.deepEqual(readdirSync(incoming), ['new'])
  rmSync(folder, { recursive: true })
})
