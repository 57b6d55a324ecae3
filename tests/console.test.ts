/** The flows a person walks through, in a real browser against the real program. Screenshots go to test-results/. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type OpenedConsole, openConsole, scan, screenshots, skip } from './console-browser.ts'
import { startIdentityProvider } from './identity-provider.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole

before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
})

after(() => opened?.[Symbol.asyncDispose]())

test('a wrong key is refused in words, the right one opens the console', { skip }, async () => {
  await using tab = await openTab({ key: '' })
  const { page, complaints } = tab
  await goTo(page, '/')
  await page.getByLabel('Key').fill('bst_not-a-key')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This key is not known').waitFor()
  await page.screenshot({ path: `${screenshots}/sign-in.png` })
  await page.getByLabel('Key').fill(program.key)
  await page.getByLabel('Key').press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('an image is dropped in, read, and its doubtful words found by key', { skip }, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/documents')
  const lines = ['Delivery note 2041', 'Twelve boxes of roof tiles', 'Signed in Carcassonne']
  // The name is hostile on purpose: it must appear as text.
  const name = '<img src=x onerror=alert(1)>.png'
  await page.getByLabel(/Choose files/).setInputFiles([
    { name, mimeType: 'image/png', buffer: await scan(lines) },
    { name: 'faint.png', mimeType: 'image/png', buffer: await scan(lines, 3.5) },
    { name: 'no-image.png', mimeType: 'image/png', buffer: Buffer.from('not an image') },
  ])
  const row = page.getByRole('listitem').filter({ hasText: name })
  await row.getByText('done', { exact: true }).waitFor({ timeout: 60_000 })
  await page.screenshot({ path: `${screenshots}/documents-list.png`, fullPage: true })

  await page.getByRole('link', { name }).click()
  await page.getByRole('button', { name: 'Carcassonne' }).waitFor()
  const image = page.getByRole('img', { name: /Scan of page 1/ })
  assert.ok(await image.evaluate((element: HTMLImageElement) => element.naturalWidth > 0))
  await page.getByRole('button', { name: 'tiles' }).hover()
  await page.getByText(/^tiles \d+ % sure$/).waitFor()
  await page.keyboard.press('Escape')

  await goTo(page, '/documents')
  const faint = page.getByRole('listitem').filter({ hasText: 'faint.png' })
  await faint.getByText('done', { exact: true }).waitFor({ timeout: 60_000 })
  await page.getByRole('link', { name: 'faint.png' }).click()
  await page.getByRole('heading', { name: 'Words to check' }).waitFor()
  const doubtful = page.getByRole('listitem').filter({ hasText: /\d+ %$/ })
  if ((await doubtful.count()) > 0) {
    await page.keyboard.press('n')
    assert.equal(await page.locator('[data-word][aria-pressed="true"]').count(), 1)
  }
  await page.screenshot({ path: `${screenshots}/document-faint.png`, fullPage: true })
  assert.deepEqual(complaints, [])
})

test('an answer streams, shows what it took, and leads to its booking', { skip }, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/playground?model=assistant@production')
  await page.getByRole('spinbutton', { name: 'Max tokens' }).fill('24')
  await page.getByLabel('Message').fill('What is a bastide?')
  await page.getByLabel('Message').press('Enter')
  const facts = page.getByRole('list', { name: 'What this answer took' })
  await facts.waitFor({ timeout: 60_000 })
  await facts.getByText('est.').waitFor()
  await page.screenshot({ path: `${screenshots}/playground-answer.png` })

  await page.getByRole('button', { name: 'Code' }).click()
  await page.getByText(/chat\/completions/).waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('checkbox', { name: /follows a schema/ }).check()
  await page.getByRole('textbox', { name: 'JSON schema' }).fill('{"type": text}')
  await page
    .getByText(/line 1, column 10/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Back to the example' }).click()
  await page.getByRole('spinbutton', { name: 'Max tokens' }).fill('')
  await page.getByLabel('Message').fill('Make one up')
  await page.getByLabel('Message').press('Enter')
  await facts.nth(1).waitFor({ timeout: 60_000 })
  const [answer] = await page.locator('article pre').allTextContents()
  assert.deepEqual(Object.keys(JSON.parse(answer!)), ['supplier', 'total', 'currency'])

  await facts.first().getByRole('link').first().click()
  await page.getByRole('dialog', { name: 'Ledger entry' }).waitFor()
  await page.screenshot({ path: `${screenshots}/ledger-entry.png` })
  await page.getByRole('dialog').getByRole('link').click()
  await page.getByRole('link', { name: 'ledger entry of this call' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('an alias is promoted and rolled back, and the audit chain holds', { skip }, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/models')
  const row = page.getByRole('row').filter({ hasText: 'assistant@production' })
  await row.getByRole('button', { name: 'Promote' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Package').selectOption({ index: 1 })
  await page.screenshot({ path: `${screenshots}/promote.png` })
  await dialog.getByRole('button', { name: 'Promote' }).click()
  await row.getByRole('link', { name: 'tiny-chat-next' }).waitFor()
  await row.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Roll back' }).click()
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await row.getByRole('link', { name: 'tiny-chat', exact: true }).waitFor()
  await goTo(page, '/audit')
  await page.getByRole('button', { name: 'Verify', exact: true }).click()
  await page.getByText('Intact').waitFor({ timeout: 30_000 })
  assert.deepEqual(complaints, [])
})

test('the palette jumps between pages and the chosen theme is kept', { skip }, async () => {
  await using tab = await openTab()
  const { page } = tab
  await goTo(page, '/')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('usage')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Dark theme' }).click()
  await page.reload()
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
})

test('a role sees only the pages it may use', { skip }, async () => {
  const made = await program.command('key', 'create', 'inspector', '--role', 'auditor', '--json')
  assert.equal(made.code, 0, made.errors)
  await using tab = await openTab({ key: JSON.parse(made.output).key })
  await goTo(tab.page, '/')
  const links = tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link')
  await links.first().waitFor()
  const labels = await links.allTextContents()
  assert.deepEqual(labels, ['Overview', 'Models', 'Usage', 'Audit', 'Egress', 'Access', 'Settings'])
})

test('a person signs in with the directory of the house, and is refused in words', {
  skip,
}, async () => {
  const idp = await startIdentityProvider(`${program.url}/v1/sign-in/callback`)
  const post = async (path: string, body: unknown, method = 'POST') => {
    const headers = { authorization: `Bearer ${program.key}` }
    const init = { method, headers, body: JSON.stringify(body) }
    const response = await fetch(new URL(path, program.url), init)
    assert.ok(response.ok, await response.clone().text())
    return (await response.json()) as { id: string }
  }
  await post('/v1/egress/rules', { host: '127.0.0.1', port: idp.port, allow_private: true })
  const provider = await post('/v1/identity-providers', {
    name: 'House directory',
    issuer: idp.issuer,
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    scopes: 'openid email profile groups',
  })
  try {
    await post('/v1/group-roles', { group: 'clerks', role: 'member' }, 'PUT')
    const facts = { email: 'ada@house.example', emailVerified: true }
    idp.users.set('ada', { ...facts, name: 'Ada Lovelace', groups: ['clerks'] })
    idp.users.set('eve', { ...facts, name: 'Eve', groups: ['visitors'] })
    await using tab = await openTab({ key: '' })
    const { page } = tab
    idp.signingIn = 'eve'
    await goTo(page, '/usage')
    await page.getByRole('link', { name: 'Sign in with House directory' }).click()
    await page.getByText('no group of yours has access here').waitFor()
    await page.screenshot({ path: `${screenshots}/sign-in-refused.png` })
    // The provider knows the browser; another person has another one.
    await tab.context.clearCookies()
    idp.signingIn = 'ada'
    await goTo(page, '/usage')
    await page.getByRole('link', { name: 'Sign in with House directory' }).click()
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor()
    await page.getByText('Ada Lovelace').waitFor()
  } finally {
    idp.close()
    const headers = { authorization: `Bearer ${program.key}` }
    const path = `/v1/identity-providers/${provider.id}`
    await fetch(new URL(path, program.url), { method: 'DELETE', headers })
  }
})

test('a member is added, given a key, and suspended; a destination is allowed', {
  skip,
}, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/access')
  await page.getByRole('button', { name: 'Add a member' }).first().click()
  await page.getByLabel('Name').fill('Grace Hopper')
  await page.getByRole('dialog').getByLabel('Role').selectOption('builder')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const row = page.getByRole('row').filter({ hasText: 'Grace Hopper' })
  await row.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: /Make a key/ }).click()
  await page.getByRole('button', { name: 'Make', exact: true }).click()
  const secret = page.getByRole('dialog').locator('pre').first()
  await secret.waitFor()
  const key = await secret.textContent()
  await page.screenshot({ path: `${screenshots}/key-secret.png` })
  const use = () =>
    fetch(new URL('/v1/models', program.url), { headers: { authorization: `Bearer ${key}` } })
  assert.equal((await use()).status, 200)
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await row.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Suspend' }).click()
  await row.getByText('suspended').waitFor()
  assert.equal((await use()).status, 401)

  await goTo(page, '/egress')
  await page.getByRole('button', { name: 'Allow a destination' }).click()
  await page.getByLabel('Host name or address').fill('models.house.example')
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.getByRole('row').filter({ hasText: 'models.house.example:443' }).waitFor()
  assert.deepEqual(complaints, [])
})
