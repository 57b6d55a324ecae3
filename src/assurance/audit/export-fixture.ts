/** Exports of a chain as the server makes them, and what a forger without the signing key does to them. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { readPublicKey } from '../signing.ts'
import {
  appendLink,
  emptyFrontier,
  firstLink,
  merkleRoot,
  nextLink,
  recordDigest,
} from './chain.ts'
import { canonicalJson, checkpointText, endText, exportFormat } from './layout.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
export const publicText = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const { fingerprint } = readPublicKey(publicText)
const organisation = 'org_test'
const at = '2026-01-01T00:00:00.000Z'
const signature = (statement: string) =>
  sign(null, Buffer.from(statement), privateKey).toString('base64')

export type Line = Record<string, unknown> & { type: string; seq?: number; link?: string }

/** An export of these records with a checkpoint after every `every` of them and at the end. */
export function exportOf(records: Record<string, unknown>[], every: number): Line[] {
  const lines: Line[] = [
    {
      type: 'header',
      format: exportFormat,
      organisation,
      public_key: publicText,
      fingerprint,
      exported_at: at,
    },
  ]
  const frontier = emptyFrontier()
  let link: Buffer = firstLink
  records.forEach((record, index) => {
    const seq = index + 1
    link = nextLink(link, seq, recordDigest(canonicalJson(record)))
    appendLink(frontier, link)
    lines.push({ type: 'record', seq, record, link: link.toString('hex') })
    if (seq % every !== 0 && seq !== records.length) return
    const root = merkleRoot(frontier).toString('hex')
    const signed = signature(checkpointText(organisation, seq, root, at))
    lines.push({
      type: 'checkpoint',
      seq,
      root,
      signed_at: at,
      signature: signed,
      fingerprint,
    })
  })
  const end = signature(endText(organisation, records.length, at))
  return [...lines, { type: 'end', seq: records.length, exported_at: at, signature: end }]
}

/** Recomputes every link, as a forger without the signing key would. */
function relinked(lines: Line[]): Line[] {
  let link: Buffer = firstLink
  let seq = 0
  return lines.map((line) => {
    if (line.type !== 'record') return line
    seq += 1
    link = nextLink(link, seq, recordDigest(canonicalJson(line.record)))
    return { ...line, seq, link: link.toString('hex') }
  })
}

/** Each takes the export and the index of a record's line, and says what must be found. */
export const tamperings: Record<string, (lines: Line[], index: number) => Line[]> = {
  'a changed record': (lines, index) =>
    lines.map((line, i) => (i === index ? { ...line, record: { forged: true } } : line)),
  'a removed record': (lines, index) => lines.filter((_, i) => i !== index),
  'a record that stands twice': (lines, index) => lines.toSpliced(index, 0, lines[index]!),
  'a changed record with all links made anew': (lines, index) =>
    relinked(lines.map((line, i) => (i === index ? { ...line, record: { forged: true } } : line))),
  'a removed record with all links made anew': (lines, index) =>
    relinked(lines.filter((_, i) => i !== index)),
  'an added record with all links made anew': (lines, index) =>
    relinked(lines.toSpliced(index, 0, { ...lines[index]!, record: { forged: true } })),
  'a cut end': (lines, index) => lines.slice(0, index),
  'a cut end with the signed end kept': (lines, index) => [...lines.slice(0, index), lines.at(-1)!],
}

/** What is done to the text of a sound export; each must be found, though every digest still fits. */
export const disguises: Record<string, (text: string) => string> = {
  'a name that stands twice': (text) =>
    text.replace('"kind":"call"', '"kind":"evil","kind":"call"'),
  'a field that readers drop': (text) =>
    text.replace('"record":{', '"record":{"__proto__":{"forged":true},'),
  'another time of export': (text) =>
    text.replace(`"exported_at":"${at}"`, '"exported_at":"2030-01-01T00:00:00.000Z"'),
  'another fingerprint in the header': (text) => text.replace(fingerprint, 'f'.repeat(64)),
  'another key in the header': (text) => text.replace(publicText, `${publicText} `),
  'another fingerprint at a checkpoint': (text) => {
    const place = text.lastIndexOf(fingerprint)
    return `${text.slice(0, place)}${'f'.repeat(64)}${text.slice(place + fingerprint.length)}`
  },
  'half of a surrogate pair': (text) => text.replace('"number":1', '"number":"\\ud800"'),
  'white space': (text) => text.replace('"record":{', '"record": {'),
}
