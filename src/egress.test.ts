/**
 * The guard, fed through Node's own URL parser and a real server: odd forms of addresses, redirects,
 * and names whose DNS answers change between two lookups.
 */
import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createEgress, type EgressAttempt, type EgressOptions, type EgressRule } from './egress.ts'
import type { AppError } from './errors.ts'

let server: Server
let port: number
let served = 0
let location: string | null = null

before(async () => {
  server = createServer((_request, response) => {
    served += 1
    if (location) response.writeHead(302, { location })
    response.end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

after(() => {
  server.close()
})

function guard(rules: EgressRule[], resolve?: EgressOptions['resolve']) {
  const attempts: EgressAttempt[] = []
  const record = (attempt: EgressAttempt) => {
    attempts.push(attempt)
  }
  const egress = createEgress({ rules: () => rules, record, ...(resolve && { resolve }) })
  return { egress, attempts }
}

/** A resolver that answers with these addresses, one after the other. */
function answering(...addresses: string[]): NonNullable<EgressOptions['resolve']> {
  let asked = 0
  const resolve = (
    _name: string,
    _options: object,
    callback: (error: null, addresses: LookupAddress[]) => void,
  ) => {
    const address = addresses[Math.min(asked++, addresses.length - 1)]!
    const family = address.includes(':') ? 6 : 4
    callback(null, [{ address, family }])
  }
  return resolve as unknown as NonNullable<EgressOptions['resolve']>
}

const forbidden = (error: AppError) => error.code === 'forbidden'

describe('the egress guard', () => {
  test('lets nothing out by default, and says how to allow it', async () => {
    const { egress, attempts } = guard([])
    const before = served
    await assert.rejects(
      egress.fetch(`http://127.0.0.1:${port}/`, { purpose: 'test' }),
      (error: AppError) => forbidden(error) && /POST \/v1\/egress\/rules/.test(error.message),
    )
    assert.equal(served, before)
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['refused'],
    )
    await egress.close()
  })

  test('a rule opens its exact host and port', async () => {
    const { egress, attempts } = guard([{ host: '127.0.0.1', port, allowPrivate: true }])
    const response = await egress.fetch(`http://127.0.0.1:${port}/`, { purpose: 'test' })
    assert.equal(response.status, 200)
    response.body.resume()
    await assert.rejects(egress.fetch('http://127.0.0.1:1/', { purpose: 'test' }), forbidden)
    assert.equal(attempts[0]!.outcome, 'allowed')
    await egress.close()
  })

  // Each of these means the loopback or a link-local address to some parser.
  const forms = [
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:7f00:0001]/',
    'http://[::1]/',
    'http://[::]/',
    'http://0/',
    'http://0.0.0.0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:0001::]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b:1::a9fe:a9fe]/',
    'http://[2001::1]/',
    'http://[fec0::1]/',
    'http://168.63.129.16/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
  ]
  for (const form of forms) {
    test(`${form} is refused even where a rule names it, unless private addresses are allowed`, async () => {
      const url = new URL(form)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const { egress } = guard([{ host, port: 80, allowPrivate: false }])
      await assert.rejects(egress.fetch(form, { purpose: 'test' }), forbidden)
      await egress.close()
    })
  }

  test('link-local addresses are refused whatever the rule says', async () => {
    for (const host of [
      '169.254.169.254',
      '::ffff:a9fe:a9fe',
      '::a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
      'fe80::1',
      '0.0.0.0',
    ]) {
      const { egress } = guard([{ host, port: 80, allowPrivate: true }])
      const shown = host.includes(':') ? `[${host}]` : host
      await assert.rejects(egress.fetch(`http://${shown}/`, { purpose: 'test' }), forbidden, host)
      await egress.close()
    }
  })

  test('a public name that resolves to a private address is refused, and the attempt recorded', async () => {
    for (const address of ['127.0.0.1', '10.0.0.1', '::1', '169.254.169.254', '::ffff:127.0.0.1']) {
      const rules = [{ host: 'models.example', port, allowPrivate: false }]
      const { egress, attempts } = guard(rules, answering(address))
      const before = served
      await assert.rejects(
        egress.fetch(`http://models.example:${port}/`, { purpose: 'test' }),
        forbidden,
        address,
      )
      assert.equal(served, before)
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        ['allowed', 'refused'],
      )
      await egress.close()
    }
  })

  test('a name is resolved once: the checked address is the one connected to', async () => {
    const rules = [{ host: 'models.example', port, allowPrivate: true }]
    // The second answer, which a second lookup would get, is a metadata service.
    const { egress } = guard(rules, answering('127.0.0.1', '169.254.169.254'))
    const response = await egress.fetch(`http://models.example:${port}/`, { purpose: 'test' })
    assert.equal(response.status, 200)
    response.body.resume()
    await egress.close()
  })

  test('a redirect is a new attempt, and never leads to another origin', async () => {
    const { egress } = guard([{ host: '127.0.0.1', port, allowPrivate: true }])
    const url = `http://127.0.0.1:${port}/`
    for (const target of ['http://169.254.169.254/', 'http://localhost/', 'file:///etc/passwd']) {
      location = target
      const before = served
      await assert.rejects(egress.fetch(url, { purpose: 'test' }), /redirect/)
      assert.equal(served, before + 1)
    }
    location = '/again'
    await assert.rejects(egress.fetch(url, { purpose: 'test' }), /More than 3 redirects/)
    const post = egress.fetch(url, { purpose: 'test', method: 'POST', body: '{}' })
    await assert.rejects(post, /redirect/)
    location = null
    await egress.close()
  })

  test('other schemes and addresses with credentials are refused', async () => {
    const { egress } = guard([{ host: '127.0.0.1', port, allowPrivate: true }])
    const addresses = [`ftp://127.0.0.1:${port}/`, `http://user:pass@127.0.0.1:${port}/`]
    for (const address of addresses) {
      await assert.rejects(egress.fetch(address, { purpose: 'test' }), forbidden, address)
    }
    await assert.rejects(egress.fetch('not a url', { purpose: 'test' }), /is not a URL/)
    await egress.close()
  })
})
