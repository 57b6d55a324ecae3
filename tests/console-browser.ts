/** A browser before the real program, for the tests of the console. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { type RunningProgram, startProgram } from './running-program.ts'
import { makeTinyLlama } from './tiny-llama.ts'

const chromiumPath = '/usr/bin/chromium'
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Why there is nothing to test with; false where there is. */
export const skip = existsSync(chromiumPath)
  ? existsSync('web/dist/index.html')
    ? false
    : 'the console is not built: npx vite build web'
  : `no Chromium at ${chromiumPath} (Debian: apt-get install chromium)`

export const screenshots = 'test-results'
export const widths = { desk: 1440, phone: 390 } as const

/** Every address of the console that needs nothing to be there. */
export const paths = [
  '/',
  '/playground',
  '/documents',
  '/models',
  '/models/packages',
  '/models/imports',
  '/models/quarantine',
  '/models/rules',
  '/usage',
  '/usage?metric=joules&group=day&range=24h',
  '/usage/entries',
  '/usage/limits',
  '/audit',
  '/egress',
  '/access',
  '/access/keys',
  '/access/sessions',
  '/access/sign-in',
  '/settings',
  '/settings/webhooks',
  '/settings/backups',
  '/no-such-page',
]

interface View {
  width?: number
  theme?: 'light' | 'dark'
  /** What the browser says its reader reads. */
  locale?: string
  /** Empty: nobody is signed in. */
  key?: string
}

/** The program with a small model under two aliases, and a browser that opens tabs on its console. */
export async function openConsole(environment: Record<string, string> = {}) {
  mkdirSync(screenshots, { recursive: true })
  const program = await startProgram({ environment })
  const browser = await chromium.launch({ executablePath: chromiumPath, args: flags.split(' ') })
  const weights = await makeTinyLlama()
  for (const [name, alias] of [
    ['tiny-chat', 'assistant@production'],
    ['tiny-chat-next', 'assistant@staging'],
  ] as const) {
    const imported = await program.command(
      'model',
      'import',
      weights,
      '--name',
      name,
      '--alias',
      alias,
    )
    assert.equal(imported.code, 0, imported.errors)
  }
  return {
    program,
    openTab: (view: View = {}) => openTab(browser, program, view),
    goTo: (page: Page, path: string) =>
      page.goto(`${program.url}${path}`, { waitUntil: 'networkidle' }),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await program[Symbol.asyncDispose]()
    },
  }
}

export type OpenedConsole = Awaited<ReturnType<typeof openConsole>>

/** A tab of its own, signed in unless `key` is empty; `complaints` gathers what the browser reports. */
async function openTab(
  browser: Browser,
  program: RunningProgram,
  { width = widths.desk, theme = 'light', locale = 'en-GB', key = program.key }: View,
) {
  const phone = width < 600
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : 900 },
    colorScheme: theme,
    locale,
    hasTouch: phone,
    isMobile: phone,
    reducedMotion: 'reduce',
  })
  if (key) await signIn(context, program, key)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error}`))
  page.on('console', (message) => {
    // Browsers log refused requests as errors; whether the page handles them is tested by its text.
    const refused = /status of 4\d\d/.test(message.text())
    if (message.type() === 'error' && !refused) complaints.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(program.url)) complaints.push(`request to elsewhere: ${url}`)
  })
  return { page, complaints, context, [Symbol.asyncDispose]: () => context.close() }
}

async function signIn(context: BrowserContext, program: RunningProgram, key: string) {
  const answer = await context.request.post(`${program.url}/v1/session`, {
    data: { key },
    headers: { origin: program.url },
  })
  assert.equal(answer.status(), 200)
}

/** A page as a scanner would send it. `blur` makes words doubtful. */
export function scan(lines: string[], blur = 0): Promise<Buffer> {
  const text = lines.map(
    (line, index) =>
      `<text x="90" y="${130 + index * 80}" font-family="sans-serif" font-size="38">${line}</text>`,
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1240" height="800">
    <rect width="100%" height="100%" fill="#fff"/>${text.join('')}</svg>`
  const image = sharp(Buffer.from(svg))
  return (blur > 0 ? image.blur(blur) : image).png().toBuffer()
}

/** Runs in the page: how wide it is too wide, and which texts are too faint to read (WCAG AA). */
export function measure() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  const rgba = (color: string) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = (color: number[]) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, channel) => {
      const value = color[channel]! / 255
      return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    }, 0)
  const behind = (element: Element | null): number[] => {
    if (!element) return rgba(getComputedStyle(document.documentElement).backgroundColor)
    const color = rgba(getComputedStyle(element).backgroundColor)
    return color[3] === 255 ? color : behind(element.parentElement)
  }
  const faint: string[] = []
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
    )
    const style = getComputedStyle(element)
    if (!own || !element.checkVisibility({ visibilityProperty: true })) continue
    if (element.closest('.sr-only, option, :disabled, svg')) continue
    const [text, ground] = [luminance(rgba(style.color)), luminance(behind(element))]
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: "${element.textContent?.slice(0, 40)}"`)
  }
  const nameless = [...document.querySelectorAll('button, a, input, select, textarea')].filter(
    (element) =>
      element.checkVisibility() &&
      !element.textContent?.trim() &&
      !element.getAttribute('aria-label') &&
      !(element as HTMLInputElement).labels?.length,
  )
  const { scrollWidth, clientWidth } = document.documentElement
  return {
    overflow: scrollWidth - clientWidth,
    faint,
    nameless: nameless.map((element) => element.outerHTML.slice(0, 120)),
    headings: document.querySelectorAll('h1').length,
  }
}
