/**
 * The reading process: takes one task at a time, a page or a page count, and answers it. Hostile
 * documents meet native code and WebAssembly only here; the parent ends the process when a task
 * takes too long, and the process dies with its parent.
 */
import { AppError, toAppError } from '../../errors.ts'
import type { ReadPage } from '../contract.ts'
import { channelToServer } from '../sandbox/channel.ts'
import type { FromReader, PageTask, ToReader } from './messages.ts'
import { type OpenDocument, openDocument } from './open-document.ts'
import { markdownOf } from './page-text.ts'
import { createRecognizer, isBlank } from './recognizer.ts'

/** Documents kept open at the same time; further ones are opened again from their bytes. */
const recognizer = createRecognizer()
let current: { id: number; bytes: Uint8Array; document: OpenDocument | null } | undefined
let cpuUsed = 0

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const total = (user + system) / 1e6
  const spent = total - cpuUsed
  cpuUsed = total
  return spent
}

async function documentOf(message: ToReader): Promise<OpenDocument> {
  if (message.bytes) {
    current?.document?.close()
    current = { id: message.document, bytes: message.bytes, document: null }
  }
  if (current?.id !== message.document) throw new Error('The document was not sent.')
  if (current.document) return current.document
  const document = await openDocument(message.kind, current.bytes, message.limits)
  current.document = document
  const { pages } = message.limits
  if (document.pageCount < 1) throw new AppError('unreadable_file', 'The document has no pages.')
  if (document.pageCount > pages) {
    const count = document.pageCount
    throw new AppError('too_large', `The document has ${count} pages; at most ${pages} are read.`)
  }
  return document
}

async function readPage(
  document: OpenDocument,
  task: Extract<PageTask, { type: 'page' }>,
  languageFolder: string,
): Promise<ReadPage> {
  const content = await document.page(task.index, task.includeImage)
  const base = {
    index: task.index,
    widthPixels: content.width,
    heightPixels: content.height,
    dpi: content.dpi,
    ...(content.image ? { image: new Uint8Array(content.image) } : {}),
  }
  if (content.words?.length) {
    const { words } = content
    return { ...base, words, markdown: markdownOf(words), confidence: 1, source: 'text-layer' }
  }
  if (!content.grey || isBlank(content.grey)) {
    return { ...base, words: [], markdown: '', confidence: null, source: 'blank' }
  }
  const words = await recognizer.recognize(content.grey, task.languages, languageFolder)
  const sum = words.reduce((total, word) => total + word.confidence, 0)
  const confidence = words.length > 0 ? sum / words.length : null
  return { ...base, words, markdown: markdownOf(words), confidence, source: 'recognition' }
}

async function answer(message: ToReader): Promise<FromReader> {
  try {
    const document = await documentOf(message)
    const { task } = message
    if (task.type === 'count') {
      return { type: 'count', pageCount: document.pageCount, cpuSeconds: cpuSeconds() }
    }
    const page = await readPage(document, task, message.languageFolder)
    return { type: 'page', page, cpuSeconds: cpuSeconds() }
  } catch (error) {
    const { code, message: text } = toAppError(error)
    if (code === 'internal')
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    return { type: 'error', code, message: text, cpuSeconds: cpuSeconds() }
  }
}

const channel = channelToServer<ToReader, FromReader>(async (message) => {
  channel.send(await answer(message))
})
