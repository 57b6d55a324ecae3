import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { discardStaleUploads, newUpload } from './uploads.ts'

test('uploads left behind a day ago are removed; those that may go on are left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bastide-'))
  await discardStaleUploads(folder)
  const [stale, recent] = [await newUpload(folder), await newUpload(folder)]
  for (const path of [stale, recent]) writeFileSync(path, 'bytes')
  const dayAgo = Date.now() / 1000 - 25 * 3600
  utimesSync(stale, dayAgo, dayAgo)
  await discardStaleUploads(folder)
  assert.deepEqual(readdirSync(join(folder, 'incoming')), [basename(recent)])
  rmSync(folder, { recursive: true })
})
