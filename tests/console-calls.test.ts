/** What the console shows and does can be done by hand: each call is to be had as a command. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { barriers } from './accessibility.ts'
import { type OpenedConsole, openConsole, screenshots, skip } from './console-browser.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole

before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
})

after(() => opened?.[Symbol.asyncDispose]())

/** What the command's answer is, run in a shell that has the key. */
function run(command: string) {
  const env = { ...process.env, BASTIDE_KEY: program.key }
  const { stdout } = spawnSync('sh', ['-c', command.replace('curl ', 'curl -s ')], { env })
  return JSON.parse(stdout.toString())
}

test('the calls behind a page and behind a form are copied as commands that run', {
  skip,
}, async () => {
  await using tab = await openTab()
  const { page, context, complaints } = tab
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await goTo(page, '/access')
  await page.getByRole('button', { name: 'API calls of this page' }).click()
  await page.getByRole('menuitem', { name: 'GET /v1/members' }).waitFor()
  assert.deepEqual(await barriers(page), [])
  await page.screenshot({ path: `${screenshots}/page-calls.png` })
  await page.getByRole('menuitem', { name: 'GET /v1/members' }).click()
  await page.getByText('Copied: GET /v1/members').first().waitFor()
  assert.equal(run(await copied()).object, 'list')

  await page.getByRole('button', { name: 'Add a member' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Add a member' })
  await dialog.getByLabel('Name').fill("Ada O'Neill")
  await page.screenshot({ path: `${screenshots}/form-call.png` })
  await dialog.getByRole('button', { name: 'Copy as curl' }).click()
  await dialog.getByText('Copied', { exact: true }).waitFor()
  const command = await copied()
  assert.ok(command.includes('$BASTIDE_KEY') && !command.includes(program.key))
  assert.equal(run(command).name, "Ada O'Neill")
  await page.keyboard.press('Escape')
  // It was made elsewhere: the page finds it without a reload.
  await page.getByRole('row').filter({ hasText: "Ada O'Neill" }).waitFor({ timeout: 15_000 })
  assert.deepEqual(complaints, [])
})
