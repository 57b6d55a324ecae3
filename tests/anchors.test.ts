/**
 * Anchors of the audit chain against whoever runs the installation: with the database and the signing key
 * in hand they rewrite history and sign it anew, and the verifier still finds it.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  appendLink,
  emptyFrontier,
  firstLink,
  merkleRoot,
  nextLink,
  recordDigest,
} from '../src/assurance/audit/chain.ts'
import { canonicalJson, endText } from '../src/assurance/audit/layout.ts'
import { checkpointStatement } from '../src/assurance/audit/store.ts'
import { checkTimestamp, timestampRequest } from '../src/assurance/audit/timestamp.ts'
import { readPublicKey } from '../src/assurance/signing.ts'
import { newDataFolder, type RunningProgram, runCommand, startProgram } from './running-program.ts'
import { startTimestampAuthority, type TimestampAuthority } from './timestamp-authority.ts'

let program: RunningProgram
let authority: TimestampAuthority | null
const place = newDataFolder()
const file = (name: string) => join(place, name)
const share = file('share')

type Line = Record<string, unknown> & { type: string; seq: number }

function writeKey(name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(file(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(file(`${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }))
}

async function verify(path: string, ...args: string[]) {
  const { code, output } = await runCommand(['audit', 'verify', path, '--json', ...args])
  return { code, result: JSON.parse(output) }
}

/** A change whose record holds a name that others chose. */
async function giveRole(group: string): Promise<void> {
  const headers = { authorization: `Bearer ${program.key}` }
  const listed = await fetch(new URL('/v1/workspaces', program.url), { headers })
  const { data } = (await listed.json()) as { data: { id: string }[] }
  const body = JSON.stringify({ group, role: 'member', workspace: data[0]!.id })
  const url = new URL('/v1/group-roles', program.url)
  assert.equal((await fetch(url, { method: 'PUT', headers, body })).status, 200)
}

/** What an operator with everything in hand can make: one record changed, all signed anew by `key`. */
function rewritten(lines: Line[], key: KeyObject, keepAnchors: boolean): string {
  const { fingerprint } = readPublicKey(String(lines[0]!.public_key))
  const header = lines[0] as unknown as { organisation: string }
  const signed = (bytes: Buffer) => sign(null, bytes, key).toString('base64')
  const frontier = emptyFrontier()
  let link: Buffer = firstLink
  const out: unknown[] = []
  for (const line of lines) {
    if (line.type === 'record') {
      const record = line.record as { outcome: string }
      if (line.seq === 3) record.outcome = 'failed'
      link = nextLink(link, line.seq, recordDigest(canonicalJson(record)))
      appendLink(frontier, link)
      out.push({ ...line, record, link: link.toString('hex') })
    } else if (line.type === 'checkpoint') {
      const root = merkleRoot(frontier).toString('hex')
      const at = String(line.signed_at)
      const signature = signed(checkpointStatement(header.organisation, line.seq, root, at))
      out.push({ ...line, root, signature, fingerprint })
    } else if (line.type === 'header') {
      out.push({ ...line, fingerprint })
    } else if (line.type === 'end') {
      const at = String(line.exported_at)
      out.push({
        ...line,
        signature: signed(Buffer.from(endText(header.organisation, line.seq, at))),
      })
    } else if (line.type !== 'anchor' || keepAnchors) {
      out.push(line)
    }
  }
  return out.map((line) => `${JSON.stringify(line)}\n`).join('')
}

before(async () => {
  authority = await startTimestampAuthority()
  program = await startProgram({
    environment: {
      BASTIDE_ANCHOR_FOLDER: share,
      ...(authority && { BASTIDE_TIMESTAMP_URL: authority.url }),
    },
  })
  writeKey('witness')
  writeKey('stranger')
  if (authority) {
    writeFileSync(file('authority.pem'), authority.root)
    const allowed = await program.command(
      'egress',
      'allow',
      `127.0.0.1:${authority.port}`,
      '--private',
    )
    assert.equal(allowed.code, 0, allowed.errors)
  }
  for (const name of ['a', 'b', 'c']) await program.command('key', 'create', name)
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  authority?.close()
})

test('a second person signs with a key that never leaves them, and keeps a receipt', async () => {
  const signed = await program.command(
    ...['audit', 'countersign', '--key', file('witness.key'), '--receipt', file('receipt.json')],
  )
  assert.equal(signed.code, 0, signed.errors)
  assert.match(signed.output, /Countersigned the chain up to record \d+/)
})

test('the head goes to the folder and to the authority, once', async () => {
  const anchored = await program.command('audit', 'anchor', '--json')
  assert.equal(anchored.code, 0, anchored.output)
  const kinds = JSON.parse(anchored.output).data.map((one: { kind: string }) => one.kind)
  assert.deepEqual(kinds.sort(), authority ? ['file', 'timestamp'] : ['file'])
  assert.equal(readdirSync(share).length, 1)
})

describe('with what was kept elsewhere', () => {
  let lines: Line[]
  let own: string[]

  before(async () => {
    await program.command('key', 'create', 'later')
    await giveRole('a group\u2028of two lines')
    const out = await program.command('audit', 'export', '--out', file('chain.jsonl'), '--json')
    writeFileSync(file('installation.pub'), JSON.parse(out.output).public_key)
    lines = readFileSync(file('chain.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    own = ['--key', file('installation.pub')]
  })

  test('the true chain is intact, and says who vouched up to where', async () => {
    const all = ['--witness', file('witness.pub'), '--anchors', share]
    if (authority) all.push('--authority', file('authority.pem'))
    const { code, result } = await verify(file('chain.jsonl'), ...own, ...all)
    assert.equal(code, 0, JSON.stringify(result.problem))
    assert.equal(result.anchors.countersigned[0].independent, true)
    assert.equal(result.anchors.notes, 1)
    if (authority) assert.equal(result.anchors.timestamps[0].trusted, true)
    const receipt = await verify(file('chain.jsonl'), ...own, '--anchors', file('receipt.json'))
    assert.equal(receipt.code, 0)
    const plain = await verify(file('chain.jsonl'))
    assert.equal(plain.code, 0)
    assert.equal(plain.result.anchors.countersigned[0].independent, false)
  })

  test('somebody who never signed, or an authority nobody trusts, is missed', async () => {
    const stranger = await verify(file('chain.jsonl'), '--witness', file('stranger.pub'))
    assert.deepEqual([stranger.code, stranger.result.problem.kind], [3, 'anchor'])
    if (!authority) return
    const other = (await startTimestampAuthority())!
    writeFileSync(file('other.pem'), other.root)
    other.close()
    const untrusted = await verify(file('chain.jsonl'), '--authority', file('other.pem'))
    assert.deepEqual([untrusted.code, untrusted.result.problem.kind], [3, 'anchor'])
  })

  test('history rewritten and signed anew by the operator is found', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const operator = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const header = { ...lines[0]!, public_key: operator }
    const path = file('rewritten.jsonl')
    for (const keepAnchors of [true, false]) {
      const copy = structuredClone([header, ...lines.slice(1)]) as Line[]
      writeFileSync(path, rewritten(copy, privateKey, keepAnchors))
      const alone = await verify(path)
      // Without anchors it looks sound: that is what anchors are for.
      assert.equal(alone.code, keepAnchors ? 3 : 0)
      for (const args of [
        ['--witness', file('witness.pub')],
        ['--anchors', share],
        ['--anchors', file('receipt.json')],
        ...(authority ? [['--authority', file('authority.pem')]] : []),
      ]) {
        const { code, result } = await verify(path, ...args)
        assert.deepEqual([code, result.problem.kind], [3, 'anchor'], args.join(' '))
      }
    }
  })

  test('history rewritten as that of another organisation is found', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const operator = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const header = { ...lines[0]!, public_key: operator, organisation: 'org_other' }
    const path = file('other-organisation.jsonl')
    const copy = structuredClone([header, ...lines.slice(1)]) as Line[]
    writeFileSync(path, rewritten(copy, privateKey, false))
    const { code, result } = await verify(path, '--anchors', share)
    assert.deepEqual([code, result.problem?.kind], [3, 'anchor'])
  })

  test('whoever stops reading early still learns by the exit code', async () => {
    const main = new URL('../src/main.ts', import.meta.url).pathname
    const path = file('tampered.jsonl')
    const forged = lines.map((line) =>
      JSON.stringify(line.type === 'record' ? { ...line, record: { forged: true } } : line),
    )
    writeFileSync(path, forged.join('\n'))
    const child = spawn(process.execPath, [main, 'audit', 'verify', path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.stdout.destroy()
    const code = await new Promise((resolve) => child.once('exit', resolve))
    assert.equal(code, 3)
  })

  test('a chain cut before what was written down elsewhere is found', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const operator = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const first = lines.findIndex((line) => line.type === 'checkpoint')
    const kept = lines.slice(0, first + 1).filter((line) => line.seq !== lines[first]!.seq)
    const seq = lines[first]!.seq - 1
    const end = { ...lines.at(-1)!, seq }
    const checkpoint = { ...lines[first]!, seq }
    const header = { ...lines[0]!, public_key: operator }
    const short = [header, ...kept.slice(1), checkpoint, end] as Line[]
    writeFileSync(file('short.jsonl'), rewritten(short, privateKey, false))
    assert.equal((await verify(file('short.jsonl'))).code, 0)
    assert.equal((await verify(file('short.jsonl'), '--anchors', share)).code, 3)
  })

  test("the installation's own key, a wrong signature and an unknown checkpoint are refused", async () => {
    const post = async (body: unknown) => {
      const response = await fetch(new URL('/v1/audit/countersignatures', program.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${program.key}` },
        body: JSON.stringify(body),
      })
      return response.status
    }
    const seq = lines.find((line) => line.type === 'checkpoint')!.seq
    const witness = readFileSync(file('witness.pub'), 'utf8')
    const signature = Buffer.alloc(64).toString('base64')
    assert.equal(await post({ seq, public_key: lines[0]!.public_key, signature }), 400)
    assert.equal(await post({ seq, public_key: witness, signature }), 400)
    assert.equal(await post({ seq: 999_999, public_key: witness, signature }), 404)
    assert.equal(await post({ seq, public_key: 'nonsense', signature }), 400)
  })
})

test('a time-stamp with any byte changed holds for nothing else', async (context) => {
  if (!authority) return context.skip('OpenSSL is not installed')
  const statement = Buffer.from('a statement')
  const request = timestampRequest(statement)
  const answer = authority.answer(request.body)
  const { at, nonce } = await checkTimestamp(answer, statement, [authority.root])
  assert.equal(nonce, request.nonce)
  await assert.rejects(checkTimestamp(answer, Buffer.from('another'), []), /something else/)
  for (let index = 0; index < answer.length; index += 7) {
    const changed = Buffer.from(answer)
    changed[index]! ^= 1 << (index % 8)
    try {
      const checked = await checkTimestamp(changed, statement, [authority.root])
      // A byte that no signature covers, such as a second copy of the root: it says the same thing.
      assert.equal(checked.at.getTime(), at.getTime(), `byte ${index}`)
    } catch (error) {
      assert.equal((error as Error).name, 'AppError', `byte ${index}: ${error}`)
    }
  }
})
