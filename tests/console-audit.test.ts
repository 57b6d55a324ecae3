/** The audit page: found by every filter, deep-linked, and verified in the browser without the server's word. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { barriers } from './accessibility.ts'
import { apiClient } from './api-client.ts'
import { measure, type OpenedConsole, openConsole, screenshots, skip } from './console-browser.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole
const { made, ask } = apiClient(() => program)
const share = mkdtempSync(join(tmpdir(), 'bastide-anchors-'))

before(async () => {
  if (skip) return
  opened = await openConsole({ BASTIDE_ANCHOR_FOLDER: share })
  ;({ program, openTab, goTo } = opened)
  await made('/v1/members', { name: 'Ada Lovelace' })
  await made('/v1/keys', { name: 'nightly', role: 'member' })
})

after(async () => {
  await opened?.[Symbol.asyncDispose]()
  rmSync(share, { recursive: true, force: true })
})

/** Serves another export than the server's, as whoever sits between could. */
async function forge(page: Page, change: (lines: string[]) => string[]) {
  await page.route('**/v1/audit/export', async (route) => {
    const answer = await route.fetch()
    const lines = (await answer.text()).trimEnd().split('\n')
    await route.fulfill({ response: answer, body: `${change(lines).join('\n')}\n` })
  })
}

test('the chain is verified in the browser, and what was done to an export is named', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  await goTo(page, '/audit')
  await page.getByRole('button', { name: 'Verify here' }).click()
  await page.getByText('Intact').waitFor({ timeout: 30_000 })
  await page.getByText('the one this installation signs with now').waitFor()
  await page.getByText('The key came with the export').waitFor()

  const { body: status } = await ask('GET', '/v1/audit/status')
  const field = page.getByLabel('Public key you kept elsewhere')
  await field.fill(status.public_key)
  await page.getByRole('button', { name: 'Verify here' }).click()
  await page.getByText('It is the key you gave').waitFor()
  assert.deepEqual(await barriers(page), [])
  await page.screenshot({ path: `${screenshots}/audit-verified.png`, fullPage: true })

  const other = generateKeyPairSync('ed25519').publicKey
  await field.fill(String(other.export({ type: 'spki', format: 'pem' })))
  await page.getByRole('button', { name: 'Verify here' }).click()
  await page.getByText(/Broken at record \d+: The signature of/).waitFor()
  await field.fill(status.public_key)

  await forge(page, (lines) => lines.map((line) => line.replace('"member.add"', '"member.adx"')))
  await page.getByRole('button', { name: 'Verify here' }).click()
  const changed = page.getByText(/Broken at record (\d+): Record \1 does not match its link/)
  await changed.waitFor()
  await page.screenshot({ path: `${screenshots}/audit-broken.png`, fullPage: true })
  await page.unroute('**/v1/audit/export')

  await forge(page, (lines) => lines.toSpliced(3, 1))
  await page.getByRole('button', { name: 'Verify here' }).click()
  await page.getByText('Broken at record 3: Record 3 is missing.').waitFor()
  await page.unroute('**/v1/audit/export')

  // The same with a file that was kept.
  const answer = await page.context().request.get(`${program.url}/v1/audit/export`)
  const chooser = page.waitForEvent('filechooser')
  await page.getByText('Verify an exported file').click()
  const buffer = await answer.body()
  await (await chooser).setFiles([{ name: 'audit.jsonl', mimeType: 'text/plain', buffer }])
  await page.getByText('Intact').waitFor()
  assert.deepEqual(complaints, [])
})

test('records are found by what, who, on what, outcome and day, and the address keeps it', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 390, theme: 'dark' })
  const { page, complaints } = tab
  await goTo(page, '/audit')
  await page.getByLabel('Kind').fill('member.*')
  await page.getByLabel('By whom').fill('first owner key')
  await page.getByLabel('To what').fill('member')
  await page.getByLabel('Outcome').selectOption('ok')
  const today = new Date().toLocaleDateString('sv')
  await page.getByLabel('From day').fill(today)
  await page.getByLabel('To day').fill(today)
  await page.getByRole('button', { name: 'Find' }).click()
  const rows = page.getByRole('button', { expanded: false }).filter({ hasText: 'member.add' })
  await rows.first().waitFor()
  assert.deepEqual(await barriers(page), [])
  assert.equal((await page.evaluate(measure)).overflow, 0)
  await page.screenshot({ path: `${screenshots}/audit-filters-phone.png`, fullPage: true })
  await page.reload()
  await rows.first().waitFor()
  assert.equal(await page.getByLabel('By whom').inputValue(), 'first owner key')
  assert.equal(await page.getByText('key.create').count(), 0)
  await page.getByLabel('Outcome').selectOption('refused')
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByText('No record matches').waitFor()
  await page.goBack()
  await rows.first().waitFor()
  assert.equal(await page.getByLabel('Outcome').inputValue(), 'ok')
  assert.deepEqual(complaints, [])
})

test('an anchor is made, listed, and kept elsewhere with its evidence', { skip }, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/audit')
  await page.getByRole('button', { name: 'Anchor now' }).click()
  const saved = page.waitForEvent('download')
  await page
    .getByRole('link', { name: /^Keep the evidence/ })
    .first()
    .click()
  const kept = JSON.parse(readFileSync(await (await saved).path(), 'utf8'))
  const note = JSON.parse(Buffer.from(kept.evidence, 'base64').toString())
  assert.deepEqual(note, kept.checkpoint)
  assert.deepEqual(complaints, [])
})
