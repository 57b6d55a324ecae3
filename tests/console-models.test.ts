/** Models from the console: fetched, refused, tried again, set aside, taken along and brought back. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { barriers } from './accessibility.ts'
import { apiClient } from './api-client.ts'
import { measure, type OpenedConsole, openConsole, screenshots, skip } from './console-browser.ts'
import { type HubFile, startModelHub } from './model-hub.ts'
import { makeTinyLlama } from './tiny-llama.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole
let hub: Awaited<ReturnType<typeof startModelHub>>
const files: HubFile[] = []
const { made } = apiClient(() => program)

before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
  const weights = readFileSync(await makeTinyLlama())
  const marked = (mark: number) => {
    const bytes = Buffer.from(weights)
    bytes.writeUInt32LE(mark, bytes.length - 8)
    return bytes
  }
  files.push(
    { path: 'slow.gguf', bytes: marked(1) },
    { path: 'other.gguf', bytes: marked(2) },
    { path: 'forged.gguf', bytes: marked(3), sha256: 'f'.repeat(64) },
  )
  hub = await startModelHub('house/tiny', files)
})

after(async () => {
  await opened?.[Symbol.asyncDispose]()
  await hub?.[Symbol.asyncDispose]()
})

test('a model is fetched: refused at the wall, tried again, watched, and named', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  await goTo(page, '/models/imports')
  await page.getByRole('button', { name: 'Fetch a model' }).click()
  const dialog = page.getByRole('dialog', { name: 'Fetch a model' })
  await dialog.getByLabel('Repository').fill('house/tiny')
  await dialog.getByText('No egress rule lets the server reach').waitFor()
  await dialog.getByText('What you know of it').click()
  await dialog.getByLabel('Country of origin').fill('FR')
  await dialog.getByText('Mirror, token and digest').click()
  await dialog.getByLabel('Server to ask instead').fill(hub.url)
  assert.deepEqual(await barriers(page), [])
  await page.screenshot({ path: `${screenshots}/models-import-form.png` })
  await dialog.getByRole('button', { name: 'Fetch', exact: true }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'hf:house/tiny' })
  await row.getByText('was refused').waitFor()
  await row.getByRole('link', { name: 'Allow it under Egress' }).waitFor()

  for (const port of [hub.port, hub.storePort]) {
    await made('/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
  }
  await row.getByRole('button', { name: 'Try again' }).click()
  await dialog.getByRole('button', { name: 'Fetch', exact: true }).click()
  const several = page.getByRole('listitem').filter({ hasText: 'holds several models' })
  await several.getByText('other.gguf').waitFor()

  hub.state.delayMs = 400
  await several.getByRole('button', { name: 'Try again' }).click()
  await dialog.getByLabel('File').fill('slow.gguf')
  await dialog.getByLabel('Alias (optional)').fill('assistant@fetched')
  await dialog.getByRole('button', { name: 'Fetch', exact: true }).click()
  const slow = page.getByRole('listitem').filter({ hasText: 'slow.gguf' }).first()
  const bar = slow.getByRole('progressbar')
  await bar.waitFor()
  await slow.getByText(/ of .*left$/).waitFor({ timeout: 20_000 })
  await page.screenshot({ path: `${screenshots}/models-import-running.png`, fullPage: true })
  await slow.getByRole('button', { name: 'Cancel' }).click()
  await slow.getByText('cancelled').waitFor({ timeout: 20_000 })

  hub.state.delayMs = 0
  await slow.getByRole('button', { name: 'Try again' }).click()
  await dialog.getByRole('button', { name: 'Fetch', exact: true }).click()
  const done = page.getByRole('listitem').filter({ hasText: 'slow.gguf' }).first()
  await done.getByText('done', { exact: true }).waitFor({ timeout: 20_000 })
  await done.getByRole('link', { name: 'model package' }).click()
  await page.getByText('apache-2.0').waitFor()
  await page.getByText('house, FR').waitFor()
  await page.getByText('assistant@fetched').first().waitFor()
  assert.deepEqual(complaints, [])
})

test('a file that is not what was named is set aside with the reason, and removed', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 390, theme: 'dark' })
  const { page, complaints } = tab
  await made('/v1/model-imports', { source: 'hf:house/tiny/forged.gguf', endpoint: hub.url })
  await goTo(page, '/models/quarantine')
  const row = page.getByRole('listitem').filter({ hasText: 'forged.gguf' })
  await row.waitFor({ timeout: 20_000 })
  assert.deepEqual(await barriers(page), [])
  assert.equal((await page.evaluate(measure)).overflow, 0)
  await page.screenshot({ path: `${screenshots}/models-quarantine-phone.png`, fullPage: true })
  await row.getByRole('button', { name: 'Remove' }).click()
  const dialog = page.getByRole('dialog', { name: /Remove forged.gguf/ })
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('No model file has failed a check').waitFor()
  await goTo(page, '/models/imports')
  await page.getByRole('link', { name: 'Look at it in quarantine' }).waitFor()
  await page.screenshot({ path: `${screenshots}/models-imports-phone.png`, fullPage: true })
  assert.deepEqual(complaints, [])
})

test('a package is signed, named, taken along as a bundle, removed, and brought back', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  await made('/v1/model-imports', { source: 'hf:house/tiny/other.gguf', endpoint: hub.url })
  await goTo(page, '/models/packages')
  await page.getByRole('link', { name: /^other/ }).click({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Sign', exact: true }).click()
  await page.getByText('signed by this house').waitFor()
  await page.getByRole('button', { name: 'Give it an alias' }).click()
  await page.getByRole('dialog').getByLabel('Alias', { exact: true }).fill('assistant@travels')
  await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
  await page.getByText('assistant@travels', { exact: true }).waitFor()
  await page.screenshot({ path: `${screenshots}/models-package.png`, fullPage: true })

  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: /^More for/ }).click()
  await page.getByRole('menuitem', { name: 'Export as a bundle' }).click()
  const bundle = await (await saved).path()

  await goTo(page, '/models/imports')
  const chooser = page.waitForEvent('filechooser')
  await page.getByText('Choose a bundle').click()
  await (await chooser).setFiles(bundle)
  const status = page.getByRole('status').filter({ hasText: 'Signed by' })
  await status.getByRole('link', { name: /^other/ }).waitFor({ timeout: 20_000 })
  await page.screenshot({ path: `${screenshots}/models-bundle.png`, fullPage: true })
  assert.deepEqual(complaints, [])
})

test('a model file of this machine is uploaded, checked, and called by its alias', {
  skip,
}, async () => {
  await using tab = await openTab({ width: 1280 })
  const { page, complaints } = tab
  await goTo(page, '/models/imports')
  await page.getByRole('button', { name: 'Upload a model file' }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload a model file' })
  const choose = (name: string, buffer: Buffer) =>
    dialog.getByLabel('File').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
  await choose('broken.gguf', Buffer.from('no model at all'))
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click()
  await dialog.getByText('broken.gguf is of no known format').waitFor()
  const bytes = Buffer.from(files[0]!.bytes)
  bytes.writeUInt32LE(77, bytes.length - 8)
  await choose('Mine.gguf', bytes)
  await dialog.getByLabel('Alias (optional)').fill('assistant@mine')
  assert.deepEqual(await barriers(page), [])
  await page.screenshot({ path: `${screenshots}/models-upload.png` })
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByText('mine is here. Call it as assistant@mine.').first().waitFor()
  await goTo(page, '/models')
  await page.getByRole('row').filter({ hasText: 'assistant@mine' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('what may be loaded is shown, and a signer is listed', { skip }, async () => {
  await using tab = await openTab({ width: 1280, theme: 'dark' })
  const { page, complaints } = tab
  await goTo(page, '/models/rules')
  await page.getByText('any model, also one that nobody has signed').waitFor()
  await page.getByRole('button', { name: 'List a signer' }).click()
  const dialog = page.getByRole('dialog', { name: 'List a signer' })
  await dialog.getByLabel('Name').fill('Partner house')
  await dialog.getByLabel('Public key').fill('not a key')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByText('neither PEM nor base64').waitFor()
  const { publicKey } = generateKeyPairSync('ed25519')
  await dialog
    .getByLabel('Public key')
    .fill(publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))
  await dialog.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('row').filter({ hasText: 'Partner house' }).waitFor()
  await page.screenshot({ path: `${screenshots}/models-rules.png`, fullPage: true })
  assert.deepEqual(complaints, [])
})
