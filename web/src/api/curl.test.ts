import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { curlOf, type ShownCall } from './curl.ts'

/** What a shell makes of the command: curl's arguments, one by one. */
function argumentsOf(call: ShownCall): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; BASTIDE_KEY=the-key\n${curlOf(call, 'https://house:8080')}`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

const authorization = ['-H', 'Authorization: Bearer the-key']

test('a read is one line of address and key', () => {
  assert.deepEqual(argumentsOf({ method: 'GET', path: '/v1/audit?kind=a.b&actor=key_1' }), [
    'https://house:8080/v1/audit?kind=a.b&actor=key_1',
    ...authorization,
  ])
})

test('a body comes through a shell as it is, whatever quotes it holds', () => {
  const body = { name: `it's "$HOME" \`id\` \\n`, days: null }
  const given = argumentsOf({ method: 'PUT', path: '/v1/x', body })
  assert.deepEqual(given.slice(0, 3), ['https://house:8080/v1/x', '-X', 'PUT'])
  assert.deepEqual(JSON.parse(given.at(-1)!), body)
})

test('a name that others chose stays a name', () => {
  const name = `it's "; $(exit 1) \`exit 1\` !! \n & model.gguf`
  const file = { name, type: 'application/octet-stream' }
  const sent = argumentsOf({ method: 'POST', path: `/v1/x?name=it's`, file, output: name })
  assert.equal(sent[0], `https://house:8080/v1/x?name=it's`)
  assert.deepEqual(sent.slice(-3), [`@${name}`, '-o', name])
  assert.ok(
    argumentsOf({ method: 'POST', path: '/v1/x', formFile: name }).includes(`file=@${name}`),
  )
})

test('secrets stay out, files are named', () => {
  const provider = { method: 'POST', path: '/v1/p', body: { client_secret: 's3cret' } } as const
  assert.ok(!curlOf(provider, 'https://house').includes('s3cret'))
  const file = { name: 'models.tar', type: 'application/x-tar' }
  assert.deepEqual(argumentsOf({ method: 'POST', path: '/v1/bundles', file }).slice(3), [
    '-H',
    'Content-Type: application/x-tar',
    '--data-binary',
    '@models.tar',
  ])
})
