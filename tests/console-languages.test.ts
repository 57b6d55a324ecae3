/**
 * The console in German and French: every page in its language at a desk's and a phone's width, and
 * the change from one to the other. Screenshots go to test-results/.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { catalogue, type Text } from '../web/src/texts/catalogue.ts'
import { apiClient } from './api-client.ts'
import {
  measure,
  type OpenedConsole,
  openConsole,
  paths,
  screenshots,
  skip,
} from './console-browser.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole
const { made } = apiClient(() => program)

/** Something to show on each page, so that tables are wide and not only empty. */
before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
  await made('/v1/members', { name: 'Ada Lovelace', email: 'ada@house.example', role: 'builder' })
  await made('/v1/keys', { name: 'invoices', role: 'member', expires_in_days: 30 })
  await made('/v1/egress/rules', { host: 'models.house.example', port: 443, allow_private: true })
  await made('/v1/limits', { metric: 'euros', window: 'month', amount: 50 })
  await made('/v1/webhooks', {
    url: 'https://intranet.house.example/bastide',
    events: ['batch.finished', 'document.finished'],
  })
  await made('/v1/chat/completions', {
    model: 'assistant@production',
    messages: [{ role: 'user', content: 'What is a bastide?' }],
    max_tokens: 8,
  })
})

after(() => opened?.[Symbol.asyncDispose]())

const headings: Record<string, Text> = {
  '/': 'Overview',
  '/playground': 'Playground',
  '/documents': 'Documents',
  '/models': 'Models',
  '/usage': 'Usage',
  '/audit': 'Audit',
  '/egress': 'Egress',
  '/access': 'Access',
  '/settings': 'Settings',
  '/no-such-page': 'No such page',
}

/** Runs in the page: every text a reader sees or hears. */
function saidTexts(): string[] {
  const said: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    if (
      walker.currentNode.parentElement?.closest(
        'code, pre, script, [translate="no"], [lang]:not(html)',
      )
    )
      continue
    said.push(walker.currentNode.textContent!.trim())
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      said.push(element.getAttribute(name) ?? '')
    }
  }
  return said.filter((text) => text !== '')
}

for (const language of ['de', 'fr'] as const) {
  /** Texts that say something else in English; finding one means it was not looked up. */
  const english = new Set(
    Object.entries(catalogue)
      .filter(([text, translated]) => translated[language] !== text && /[a-z]{3}/.test(text))
      .map(([text]) => text),
  )
  // Names that people and the server give may be words of the console too.
  for (const given of ['default', 'documents']) english.delete(given)

  for (const [device, width] of Object.entries({ desk: 1280, phone: 390 })) {
    test(`every page speaks ${language} and fits: ${device}`, { skip }, async () => {
      await using tab = await openTab({ width, locale: language })
      const { page, complaints } = tab
      const seen: unknown[] = []
      const wanted: unknown[] = []
      for (const path of paths) {
        await goTo(page, path)
        const found = await page.evaluate(measure)
        await page.screenshot({
          path: `${screenshots}/${language}${path.replaceAll(/[^a-z]+/g, '-')}-${device}.png`,
          fullPage: true,
        })
        const heading = headings[path.match(/^\/[a-z-]*/)![0]]!
        seen.push({
          path,
          ...found,
          heading: await page.locator('h1').textContent(),
          language: await page.locator('html').getAttribute('lang'),
          forgotten: (await page.evaluate(saidTexts)).filter((text) => english.has(text)),
        })
        wanted.push({
          path,
          overflow: 0,
          faint: [],
          nameless: [],
          headings: 1,
          heading: catalogue[heading][language],
          language,
          forgotten: [],
        })
      }
      assert.deepEqual(seen, wanted)
      assert.deepEqual(complaints, [])
    })
  }
}

test('the language is chosen in the menu, holds without a reload and after one', {
  skip,
}, async () => {
  await using tab = await openTab({ locale: 'de' })
  const { page, complaints } = tab
  await goTo(page, '/usage')
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await page.getByRole('button', { name: /Administrator|Eigentümer/ }).click()
  await page.getByRole('menuitemradio', { name: 'Français' }).click()
  await page.getByRole('heading', { name: 'Consommation', exact: true }).waitFor()
  assert.equal(await page.evaluate(() => 'sameDocument' in window), true)
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
  await page.reload()
  await page.getByRole('heading', { name: 'Consommation', exact: true }).waitFor()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('reseau')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sorties réseau' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('audit log')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Audit', exact: true }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('english')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Settings' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('a change of language keeps what somebody has typed, also in an open dialog', {
  skip,
}, async () => {
  await using tab = await openTab()
  const { page, complaints } = tab
  await goTo(page, '/access')
  await page.getByRole('button', { name: 'Add a member' }).first().click()
  await page.getByLabel('Name').fill('Grace Hopper')
  await page.getByLabel('Address (optional)').fill('grace@house.example')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('deutsch')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Mitglied hinzufügen' })
  await dialog.waitFor()
  const typed = await dialog
    .getByRole('textbox')
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))
  assert.deepEqual(typed, ['Grace Hopper', 'grace@house.example'])
  await dialog.getByRole('button', { name: 'Hinzufügen', exact: true }).click()
  await page.getByRole('row').filter({ hasText: 'Grace Hopper' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('who is not signed in chooses the language at the door', { skip }, async () => {
  await using tab = await openTab({ locale: 'de', key: '' })
  const { page, complaints } = tab
  await goTo(page, '/')
  await page.getByRole('heading', { name: 'Bei Bastide anmelden' }).waitFor()
  await page.getByLabel('Schlüssel').fill('bst_not-a-key')
  await page.getByRole('button', { name: 'Anmelden' }).click()
  await page.getByText('Dieser Schlüssel ist unbekannt').waitFor()
  await page.screenshot({ path: `${screenshots}/de-sign-in.png` })
  await page.getByRole('radio', { name: 'Français' }).click()
  await page.getByRole('heading', { name: 'Se connecter à Bastide' }).waitFor()
  assert.deepEqual(complaints, [])
})
