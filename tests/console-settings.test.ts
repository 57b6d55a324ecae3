/** A fresh installation's first steps, backups, limits and sessions from the console. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { barriers } from './accessibility.ts'
import { apiClient } from './api-client.ts'
import { measure, type OpenedConsole, openConsole, screenshots, skip } from './console-browser.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole
const { made, ask } = apiClient(() => program)

before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
})

after(() => opened?.[Symbol.asyncDispose]())

test('the first steps are checked off by what is there, and gone when done or dismissed', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 390 })
  const { page, complaints } = tab
  await goTo(page, '/')
  const card = page.locator('section').filter({ hasText: 'First steps' })
  // A model is there already; the rest is still to do.
  await card.getByText('1 of 5 done').waitFor()
  assert.deepEqual(await barriers(page), [])
  assert.equal((await page.evaluate(measure)).overflow, 0)
  await page.screenshot({ path: `${screenshots}/first-steps-phone.png`, fullPage: true })
  await made('/v1/keys', { name: 'first program', role: 'member' })
  await card.getByText('2 of 5 done').waitFor({ timeout: 15_000 })
  await card.getByRole('link', { name: 'Make a backup' }).click()
  await page.getByRole('heading', { name: 'Make and restore' }).waitFor()

  await using second = await openTab({ width: 1280, theme: 'dark' })
  await goTo(second.page, '/')
  await second.page.getByText('2 of 5 done').waitFor()
  await second.page.screenshot({ path: `${screenshots}/first-steps.png` })
  await second.page.getByRole('button', { name: 'Do not show the first steps again' }).click()
  await second.page.reload()
  await second.page.getByText('Running now').waitFor()
  assert.equal(await second.page.getByText('First steps').count(), 0)
  assert.deepEqual([...complaints, ...second.complaints], [])
})

test('a backup is made in the browser, and stands in the list with its size', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  await goTo(page, '/settings/backups')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Make a backup now' }).click()
  const file = await saved
  assert.match(file.suggestedFilename(), /^bastide-[\d-]+\.backup$/)
  assert.ok(statSync(await file.path()).size > 10_000)
  await page.getByRole('listitem').filter({ hasText: /≈ .*B/ }).waitFor()
  await page.screenshot({ path: `${screenshots}/backups.png` })
  assert.deepEqual(complaints, [])
})

test('a limit is set on a key, holds, and is removed', { skip }, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  const key = await made('/v1/keys', { name: 'chatbot', role: 'member' })
  await goTo(page, '/usage/limits')
  await page.getByRole('button', { name: 'Set a limit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Set a limit' })
  await dialog.getByLabel('Whose use').selectOption({ label: 'chatbot' })
  await dialog.getByLabel('At most').fill('0')
  await dialog.getByLabel('Of').selectOption('requests')
  await dialog.getByLabel('Span').selectOption('total')
  assert.deepEqual(await barriers(page), [])
  await page.screenshot({ path: `${screenshots}/limit-form.png` })
  await dialog.getByRole('button', { name: 'Set', exact: true }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'chatbot' })
  await row.waitFor()
  await page.screenshot({ path: `${screenshots}/limits.png` })
  const call = () =>
    ask(
      'POST',
      '/v1/chat/completions',
      { model: 'assistant@production', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 },
      key.key,
    )
  assert.equal((await call()).status, 429)
  await row.getByRole('button', { name: /^Remove the limit/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No limit is set').waitFor()
  assert.equal((await call()).status, 200)
  assert.deepEqual(complaints, [])
})

test('the session of this browser is marked, and ending it leads to the door', {
  skip,
}, async () => {
  await using other = await openTab()
  await using tab = await openTab({ width: 390, theme: 'dark' })
  const { page, complaints } = tab
  await goTo(page, '/access/sessions')
  const own = page.getByRole('row').filter({ hasText: 'this one' })
  assert.equal(await own.count(), 1)
  await page.screenshot({ path: `${screenshots}/sessions-phone.png` })
  await own.getByRole('button', { name: /^End/ }).click()
  await page.getByRole('heading', { name: 'Sign in to Bastide' }).waitFor({ timeout: 15_000 })
  await goTo(other.page, '/access/sessions')
  assert.equal(await other.page.getByRole('row').filter({ hasText: 'this one' }).count(), 1)
  assert.deepEqual(complaints, [])
})

test('the palette leads to the parts of pages, and their addresses hold', { skip }, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/')
  for (const [typed, path, text] of [
    ['quarantine', '/models/quarantine', 'No model file has failed a check'],
    ['hugging face', '/models', 'Aliases'],
    ['imports', '/models/imports', 'Nothing has been fetched yet'],
    ['backups', '/settings/backups', 'Make and restore'],
    ['limits', '/usage/limits', 'Limits and budgets'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(typed)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${path}`)
    await page.reload()
    await page.getByText(text).first().waitFor()
  }
  assert.deepEqual(complaints, [])
})
