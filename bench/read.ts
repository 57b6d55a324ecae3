/**
 * Pages per second through /v1/ocr against tesseract.js used bare, with as many workers as the
 * program has reading processes. The pages are scans from ../shared/data where it is there, and
 * pages rendered on the spot where it is not.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createScheduler, createWorker, type Scheduler } from 'tesseract.js'
import { type RunningProgram, startProgram } from '../tests/running-program.ts'
import { type Figure, figure } from './figures.ts'
import type { BenchOptions } from './main.ts'

const processes = cpus().length
const scans = new URL('../../shared/data/docai/', import.meta.url)

async function samplePages(count: number): Promise<{ origin: string; pages: Buffer[] }> {
  const found = existsSync(scans)
    ? globSync(`${fileURLToPath(scans)}sroie/img/*.jpg`)
        .sort()
        .slice(0, count)
    : []
  if (found.length > 0) {
    return {
      origin: `${found.length} receipts of SROIE`,
      pages: found.map((path) => readFileSync(path)),
    }
  }
  const lines = Array.from({ length: 30 }, (_, line) => {
    const text = `Line ${line + 1}: the quick brown fox jumps over the lazy dog, 4711 times.`
    return `<text x="80" y="${120 + line * 44}" font-family="serif" font-size="30">${text}</text>`
  })
  const svg = `<svg width="1240" height="1500" xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="white"/>${lines.join('')}</svg>`
  const page = await sharp(Buffer.from(svg)).png().toBuffer()
  return { origin: `${count} rendered pages`, pages: Array.from({ length: count }, () => page) }
}

/** Pages per second when every page is handed in at once. */
async function rate(pages: Buffer[], read: (page: Buffer) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await Promise.all(pages.map(read))
  return pages.length / ((performance.now() - startedAt) / 1000)
}

export async function benchRead(options: BenchOptions): Promise<Figure[]> {
  const { origin, pages } = await samplePages(options.quick ? 6 : 24)
  options.progress(`${origin}, ${processes} processes`)
  const rounds = options.quick ? 1 : 3
  await using program = await startProgram({ ...(options.data && { folder: options.data }) })
  const scheduler = await bareReader()
  const readBare = (page: Buffer) =>
    scheduler.addJob('recognize', page, {}, { blocks: true, text: true })
  const readApi = (page: Buffer) => ocr(program, page)
  await Promise.all(pages.slice(0, processes).map(readBare))
  await Promise.all(pages.slice(0, processes).map(readApi))
  const [bare, api]: [number[], number[]] = [[], []]
  for (let round = 1; round <= rounds; round++) {
    bare.push(await rate(pages, readBare))
    api.push(await rate(pages, readApi))
    options.progress(
      `round ${round}: bare ${bare.at(-1)!.toFixed(2)}, API ${api.at(-1)!.toFixed(2)} pages/s`,
    )
  }
  await scheduler.terminate()
  return [
    figure('bare_pages_per_second', '1/s', bare),
    figure('api_pages_per_second', '1/s', api),
    figure(
      'ratio_pages_per_second',
      'x',
      api.map((one, round) => one / bare[round]!),
    ),
  ]
}

async function bareReader(): Promise<Scheduler> {
  const data = dirname(fileURLToPath(import.meta.resolve('@tesseract.js-data/eng/package.json')))
  const scheduler = createScheduler()
  for (let index = 0; index < processes; index++) {
    const options = { langPath: `${data}/4.0.0_best_int`, cacheMethod: 'none', gzip: true }
    scheduler.addWorker(await createWorker('eng', 1, options))
  }
  return scheduler
}

async function ocr(program: RunningProgram, page: Buffer): Promise<void> {
  const url = `data:image/jpeg;base64,${page.toString('base64')}`
  const response = await fetch(new URL('/v1/ocr', program.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${program.key}` },
    body: JSON.stringify({ model: 'reader', document: { type: 'image_url', image_url: url } }),
  })
  if (!response.ok) throw new Error(await response.text())
  await response.json()
}
