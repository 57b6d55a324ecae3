/**
 * Every page of the console at a desk's and a phone's width, light and dark: it fits, can be read, and
 * keeps nobody out. Screenshots go to test-results/.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { barriers } from './accessibility.ts'
import { apiClient, fileForm } from './api-client.ts'
import {
  measure,
  type OpenedConsole,
  openConsole,
  paths,
  scan,
  screenshots,
  skip,
  widths,
} from './console-browser.ts'

let opened: OpenedConsole
let { program, openTab, goTo } = {} as OpenedConsole
const { made } = apiClient(() => program)

before(async () => {
  if (skip) return
  opened = await openConsole()
  ;({ program, openTab, goTo } = opened)
  const image = await scan(['Delivery note 2041', 'Twelve boxes of roof tiles'], 3.5)
  await made('/v1/documents', fileForm('faint.png', new Uint8Array(image)))
})

after(() => opened?.[Symbol.asyncDispose]())

for (const [device, width] of Object.entries(widths)) {
  for (const theme of ['light', 'dark'] as const) {
    test(`every page fits and can be read: ${device}, ${theme}`, { skip }, async () => {
      await using tab = await openTab({ width, theme })
      const { page, complaints } = tab
      await goTo(page, '/documents')
      const row = page.getByRole('listitem').filter({ hasText: 'faint.png' })
      await row.getByText('done', { exact: true }).waitFor({ timeout: 60_000 })
      const seen: unknown[] = []
      const wanted: unknown[] = []
      const detail = await row.getByRole('link').first().getAttribute('href')
      for (const path of [...paths, detail!]) {
        await goTo(page, path)
        const found = { ...(await page.evaluate(measure)), barriers: await barriers(page) }
        const name = path === detail ? '-document' : path.replaceAll(/[^a-z]+/g, '-')
        await page.screenshot({
          path: `${screenshots}/page${name}-${device}-${theme}.png`,
          fullPage: true,
        })
        seen.push({ path, ...found })
        wanted.push({ path, overflow: 0, faint: [], nameless: [], headings: 1, barriers: [] })
      }
      assert.deepEqual(seen, wanted)
      assert.deepEqual(complaints, [])
    })
  }
}

/** What opens over a page: how to get there, and what it is named. */
const layers: { path: string; open: string; name: RegExp }[] = [
  { path: '/access', open: 'Add a member', name: /Add a member/ },
  { path: '/access/keys', open: 'Make a key', name: /Make a key/ },
  { path: '/access/sign-in', open: 'Add a provider', name: /Add an identity provider/ },
  { path: '/egress', open: 'Allow a destination', name: /Allow a destination/ },
  { path: '/settings/webhooks', open: 'Add a webhook', name: /Add a webhook/ },
  { path: '/models', open: 'Promote', name: /Promote to/ },
  { path: '/models/imports', open: 'Fetch a model', name: /Fetch a model/ },
  { path: '/models/imports', open: 'Store a secret', name: /Store a secret/ },
  { path: '/models/rules', open: 'List a signer', name: /List a signer/ },
  { path: '/usage/limits', open: 'Set a limit', name: /Set a limit/ },
  { path: '/playground', open: 'Code', name: /Use this in your program/ },
]

for (const view of [
  { width: widths.desk, theme: 'light' },
  { width: widths.phone, theme: 'dark' },
] as const) {
  test(`nobody is kept from what opens over a page: ${view.theme}`, { skip }, async () => {
    await using tab = await openTab(view)
    const { page, complaints } = tab
    const found: Record<string, string[]> = {}
    for (const { path, open, name } of layers) {
      await goTo(page, path)
      await page.getByRole('button', { name: open, exact: true }).first().click()
      await page.getByRole('dialog', { name }).waitFor()
      found[`${path} ${open}`] = await barriers(page)
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Go to' }).waitFor()
    found.palette = await barriers(page)
    await page.keyboard.press('Escape')
    if (view.width === widths.desk) {
      await page.getByRole('button', { name: /owner/ }).click()
      await page.getByRole('menuitemradio', { name: 'English' }).waitFor()
    } else {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('dialog', { name: 'More' }).waitFor()
    }
    found.account = await barriers(page)
    const none = Object.fromEntries(Object.keys(found).map((place) => [place, []]))
    assert.deepEqual(found, none)
    assert.deepEqual(complaints, [])
  })
}
