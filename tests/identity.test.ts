/** People who come in from a directory: sign-in with a real OpenID Connect provider, groups as roles, SCIM. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { apiClient } from './api-client.ts'
import { type Jar, newJar } from './cookie-jar.ts'
import { startIdentityProvider, type TestIdentityProvider } from './identity-provider.ts'
import { type RunningProgram, startProgram } from './running-program.ts'

let program: RunningProgram
let idp: TestIdentityProvider
let providerId: string
let workspace: string
const callback = () => `${program.url}/v1/sign-in/callback`

const { ask, changed } = apiClient(() => program)

async function sessionOf(jar: Jar) {
  const response = await jar.fetch(`${program.url}/v1/session`)
  return { status: response.status, body: await response.json() }
}

/** Signs in as a browser would; the jar holds what comes of it. */
async function signIn(user: string, returnTo = '/models') {
  idp.signingIn = user
  const jar = newJar()
  const to = `${program.url}/v1/sign-in/begin/${providerId}?return_to=${encodeURIComponent(returnTo)}`
  const { places } = await jar.follow(to)
  const refused = jar.get('bastide_sign_in_refused')
  return { jar, places, end: places.at(-1)!, refused: refused && decodeURIComponent(refused) }
}

before(async () => {
  program = await startProgram()
  idp = await startIdentityProvider(callback())
  await changed('POST', '/v1/egress/rules', {
    host: '127.0.0.1',
    port: idp.port,
    allow_private: true,
  })
  workspace = (await ask('GET', '/v1/session')).body.workspace.id
  const added = await changed('POST', '/v1/identity-providers', {
    name: 'House directory',
    issuer: idp.issuer,
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    scopes: 'openid email profile groups',
    link_by_email: true,
  })
  providerId = added.id
  assert.ok(!JSON.stringify(added).includes(idp.clientSecret))
  await changed('PUT', '/v1/group-roles', { group: 'analysts', role: 'builder' })
  await changed('PUT', '/v1/group-roles', { group: 'clerks', role: 'member' })
})

after(async () => {
  await program?.[Symbol.asyncDispose]()
  idp?.close()
})

const user = (name: string, groups: string[] | undefined, more = {}) => ({
  name,
  email: `${name.toLowerCase()}@house.example`,
  emailVerified: true,
  groups,
  ...more,
})

describe('sign-in', () => {
  test('a user whose group has a role comes in, with that role, where they wanted to go', async () => {
    idp.users.set('ada', user('Ada', ['clerks', 'analysts']))
    const { jar, end } = await signIn('ada')
    assert.equal(end.href, `${program.url}/models`)
    const { body } = await sessionOf(jar)
    assert.deepEqual(
      [body.principal.kind, body.principal.name, body.principal.role],
      ['member', 'Ada', 'builder'],
    )
    assert.ok(body.permissions.includes('models:write'))
    assert.ok(!body.permissions.includes('members:write'))
    const members = (await ask('GET', '/v1/members')).body.data
    assert.equal(members.find((one: { name: string }) => one.name === 'Ada').role, 'builder')
  })

  test('who has no group with a role stays out, and no member is made', async () => {
    idp.users.set('eve', user('Eve', ['visitors']))
    idp.users.set('mute', user('Mute', undefined))
    for (const name of ['eve', 'mute']) {
      const { jar, end, refused } = await signIn(name)
      assert.equal(end.pathname, '/sign-in')
      assert.match(refused!, /no group of yours/)
      assert.equal((await sessionOf(jar)).status, 401)
    }
    const names = (await ask('GET', '/v1/members')).body.data.map(
      (one: { name: string }) => one.name,
    )
    assert.ok(!names.includes('Eve') && !names.includes('Mute'))
  })

  test('a user who signs in for the first time five times at once is one member', async () => {
    idp.users.set('zoe', user('Zoe', ['clerks']))
    const signedIn = await Promise.all(Array.from({ length: 5 }, () => signIn('zoe')))
    const sessions = await Promise.all(signedIn.map(({ jar }) => sessionOf(jar)))
    const ids = new Set(sessions.map(({ body }) => body.principal.id))
    assert.equal(ids.size, 1)
    const members = (await ask('GET', '/v1/members')).body.data as { name: string }[]
    assert.equal(members.filter(({ name }) => name === 'Zoe').length, 1)
  })

  test('groups that a user lost are lost at the next sign-in, and open sessions with them', async () => {
    idp.users.set('bo', user('Bo', ['clerks']))
    const first = await signIn('bo')
    assert.equal((await sessionOf(first.jar)).status, 200)
    idp.users.set('bo', user('Bo', undefined))
    const second = await signIn('bo')
    assert.match(second.refused!, /no group of yours/)
    assert.equal((await sessionOf(first.jar)).status, 401)
  })

  test('a member made by hand is found by a verified address only, and keeps their role', async () => {
    const made = await changed('POST', '/v1/members', {
      name: 'Cy by hand',
      email: 'Cy@house.example',
      role: 'auditor',
    })
    idp.users.set('cy', user('Cy', ['clerks'], { emailVerified: false }))
    const stranger = await signIn('cy')
    assert.notEqual((await sessionOf(stranger.jar)).body.principal.id, made.id)
    idp.users.set('cy-2', user('Cy', ['clerks'], { email: 'cy@house.example' }))
    const { jar } = await signIn('cy-2')
    const { body } = await sessionOf(jar)
    assert.equal(body.principal.id, made.id)
    assert.ok(
      body.permissions.includes('audit:read') && !body.permissions.includes('inference:use'),
    )
    // Somebody else with the same address does not take the member over.
    idp.users.set('cy-3', user('Cy', ['clerks'], { email: 'cy@house.example' }))
    const third = await signIn('cy-3')
    assert.notEqual((await sessionOf(third.jar)).body.principal.id, made.id)
  })

  test('taking a role from a group ends the sessions that had it', async () => {
    await changed('PUT', '/v1/group-roles', { group: 'guests', role: 'member' })
    idp.users.set('gil', user('Gil', ['guests']))
    const { jar } = await signIn('gil')
    assert.equal((await sessionOf(jar)).status, 200)
    await changed('PUT', '/v1/group-roles', { group: 'guests', role: null })
    assert.equal((await sessionOf(jar)).status, 401)
  })

  test('a session is listed, ended, and signed out', async () => {
    const { jar } = await signIn('ada')
    const { data } = (await ask('GET', '/v1/sessions')).body
    const mine = data.find((one: { member_name: string }) => one.member_name === 'Ada')
    assert.equal(mine.provider, 'House directory')
    await changed('DELETE', `/v1/sessions/${mine.id}`)
    assert.equal((await sessionOf(jar)).status, 401)
    const other = await signIn('ada')
    const out = await other.jar.fetch(`${program.url}/v1/session`, {
      method: 'DELETE',
      headers: { origin: program.url },
    })
    assert.equal(out.status, 204)
    assert.equal((await sessionOf(other.jar)).status, 401)
  })

  test('a member of two workspaces moves between them, and into no other', async () => {
    const second = await changed('POST', '/v1/workspaces', { name: 'second' })
    const third = await changed('POST', '/v1/workspaces', { name: 'third' })
    await changed('PUT', '/v1/group-roles', {
      group: 'analysts',
      workspace: second.id,
      role: 'member',
    })
    const { jar } = await signIn('ada')
    const move = (id: string) =>
      jar.fetch(`${program.url}/v1/session`, {
        method: 'PATCH',
        headers: { origin: program.url },
        body: JSON.stringify({ workspace: id }),
      })
    const { body } = await sessionOf(jar)
    assert.deepEqual(
      body.workspaces.map((one: { id: string }) => one.id),
      [workspace, second.id],
    )
    assert.equal((await move(second.id)).status, 200)
    const moved = (await sessionOf(jar)).body
    assert.equal(moved.workspace.id, second.id)
    assert.ok(!moved.permissions.includes('models:write'))
    assert.equal((await move(third.id)).status, 404)
  })

  test('the way back leads nowhere else', async () => {
    for (const place of ['//evil.example', 'https://evil.example', '/\\evil.example', '/a\nb']) {
      const to = `${program.url}/v1/sign-in/begin/${providerId}?return_to=${encodeURIComponent(place)}`
      assert.equal((await newJar().fetch(to)).status, 400, place)
    }
  })

  test('an answer counts once, and only for the browser that asked', async () => {
    const { jar, places } = await signIn('ada')
    const answer = places.find((place) => place.pathname.endsWith('/callback'))!
    // The cookie is gone after use; put back, it opens nothing.
    const replayed = newJar()
    assert.equal((await replayed.follow(answer)).places.at(-1)!.pathname, '/sign-in')
    assert.equal((await sessionOf(replayed)).status, 401)
    const again = newJar()
    const begun = await again.fetch(`${program.url}/v1/sign-in/begin/${providerId}`)
    await begun.body?.cancel()
    assert.equal((await again.follow(answer)).places.at(-1)!.pathname, '/sign-in')
    assert.equal((await sessionOf(again)).status, 401)
    assert.equal((await sessionOf(jar)).status, 200)
  })

  test('the audit log tells who came in, where from, and what groups gave', async () => {
    const out = join(program.folder, 'chain.jsonl')
    assert.equal((await program.command('audit', 'export', '--out', out)).code, 0)
    const chain = readFileSync(out, 'utf8')
    assert.match(chain, /session\.start/)
    assert.match(chain, /member\.follow_groups/)
    assert.match(chain, new RegExp(providerId))
    assert.doesNotMatch(chain, /house\.example|Ada|Cy by hand/)
  })
})

describe('tokens that lie', () => {
  let liar: Server
  let lying: (nonce: string) => Promise<string>
  let nonce = ''
  let userinfo: Record<string, unknown> = {}
  let subject = ''
  let liarId = ''
  let issuer = ''
  let key: Awaited<ReturnType<typeof generateKeyPair>>

  const claims = (more: Record<string, unknown> = {}): JWTPayload => {
    const payload = {
      iss: issuer,
      aud: 'bastide',
      sub: 'mallory',
      nonce,
      name: 'Mallory',
      groups: ['analysts'],
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 300,
      ...more,
    }
    subject = payload.sub
    return payload
  }
  const signed = (payload: JWTPayload, by = key.privateKey, algorithm = 'RS256') =>
    new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid: 'one' }).sign(by)

  before(async () => {
    key = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(key.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
    liar = createServer(async (request, response) => {
      const { pathname } = new URL(request.url!, issuer)
      const body: unknown =
        pathname === '/.well-known/openid-configuration'
          ? {
              issuer,
              authorization_endpoint: `${issuer}/auth`,
              token_endpoint: `${issuer}/token`,
              jwks_uri: `${issuer}/jwks`,
              userinfo_endpoint: `${issuer}/userinfo`,
              response_types_supported: ['code'],
              subject_types_supported: ['public'],
              id_token_signing_alg_values_supported: ['RS256'],
            }
          : pathname === '/jwks'
            ? { keys: [jwk] }
            : pathname === '/userinfo'
              ? { ...userinfo, sub: subject }
              : {
                  access_token: 'x',
                  token_type: 'bearer',
                  expires_in: 60,
                  id_token: await lying(nonce),
                }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve))
    const { port } = liar.address() as AddressInfo
    issuer = `http://127.0.0.1:${port}`
    await changed('POST', '/v1/egress/rules', { host: '127.0.0.1', port, allow_private: true })
    liarId = (
      await changed('POST', '/v1/identity-providers', {
        name: 'Liar',
        issuer,
        client_id: 'bastide',
      })
    ).id
  })

  after(() => {
    liar?.closeAllConnections()
    liar?.close()
  })

  async function comeBack(parameters: Record<string, string> = {}) {
    const jar = newJar()
    const begun = await jar.fetch(`${program.url}/v1/sign-in/begin/${liarId}`)
    const there = new URL(begun.headers.get('location')!)
    assert.equal(there.searchParams.get('code_challenge_method'), 'S256')
    nonce = there.searchParams.get('nonce')!
    const query = new URLSearchParams({
      code: 'c',
      state: there.searchParams.get('state')!,
      ...parameters,
    })
    const { places } = await jar.follow(`${callback()}?${query}`)
    return { jar, place: places.at(-1)!.pathname, status: (await sessionOf(jar)).status }
  }

  test('a sound token opens, so that the refusals below mean something', async () => {
    lying = async () => signed(claims())
    const { place, status } = await comeBack()
    assert.deepEqual([place, status], ['/', 200])
  })

  test('another provider does not claim a member that the directory provisioned', async () => {
    const body = { name: 'scim for one', role: 'owner', scopes: ['directory:provision'] }
    const scim = (await changed('POST', '/v1/keys', body)).key
    const user_ = { userName: 'victim@house.example', externalId: 'mallory-2' }
    const made = await ask('POST', '/scim/v2/Users', user_, scim)
    assert.equal(made.status, 201)
    lying = async () => signed(claims({ sub: 'mallory-2' }))
    await comeBack()
    const found = await ask('GET', `/scim/v2/Users/${made.body.id}`, undefined, scim)
    assert.deepEqual(found.body.groups, [])
    const members = (await ask('GET', '/v1/members')).body.data as { id: string; name: string }[]
    assert.ok(!members.some(({ id }) => id === made.body.id), 'they got no role by it')
    await ask('DELETE', `/scim/v2/Users/${made.body.id}`, undefined, scim)
  })

  const lies: Record<string, () => Promise<string>> = {
    'signed by another key': async () =>
      signed(claims(), (await generateKeyPair('RS256')).privateKey),
    'not signed at all': async () => new UnsecuredJWT(claims()).encode(),
    'signed with the public key as a shared secret': async () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(key.publicKey)))),
    'for another client': async () => signed(claims({ aud: 'somebody-else' })),
    'of another issuer': async () => signed(claims({ iss: idp.issuer })),
    expired: async () => signed(claims({ exp: Math.floor(Date.now() / 1000) - 3600 })),
    'from another sign-in': async () => signed(claims({ nonce: 'another' })),
    'without a nonce': async () => signed(claims({ nonce: undefined })),
    'without a subject': async () => signed(claims({ sub: undefined })),
    'cut short': async () => (await signed(claims())).slice(0, -8),
    'no token at all': async () => '',
  }
  for (const [name, lie] of Object.entries(lies)) {
    test(`a token ${name} opens nothing`, async () => {
      lying = lie
      const { place, status } = await comeBack()
      assert.deepEqual([place, status], ['/sign-in', 401])
    })
  }

  test('another state, a missing code or a refusal opens nothing', async () => {
    lying = async () => signed(claims())
    for (const parameters of [
      { state: 'another' },
      { code: '' },
      { error: 'access_denied' },
      { iss: 'http://127.0.0.1:1' },
    ]) {
      const { jar: _, ...result } = await comeBack(parameters as Record<string, string>)
      assert.deepEqual(result, { place: '/sign-in', status: 401 }, JSON.stringify(parameters))
    }
  })

  test('an address without encryption, or with more than an address, is no issuer', async () => {
    for (const wrong of ['http://idp.example', 'https://a:b@idp.example', 'ftp://x', 'x']) {
      const body = { name: 'x', issuer: wrong, client_id: 'x' }
      assert.equal((await ask('POST', '/v1/identity-providers', body)).status, 400, wrong)
    }
  })

  test('a way back in other letters than addresses have is refused, not broken off', async () => {
    const begun = await fetch(
      `${program.url}/v1/sign-in/begin/${liarId}?return_to=/%C3%A4%E2%82%AC`,
      {
        redirect: 'manual',
      },
    )
    assert.equal(begun.status, 400)
  })

  test('what a provider told of groups ends with the provider, and gives nothing later', async () => {
    const names = async () =>
      (await changed('GET', '/v1/members')).data.map((one: { name: string }) => one.name)
    assert.ok((await names()).includes('Mallory'))
    await changed('DELETE', `/v1/identity-providers/${liarId}`)
    assert.ok(!(await names()).includes('Mallory'))
    await changed('PUT', '/v1/group-roles', { group: 'analysts', role: 'admin' })
    assert.ok(!(await names()).includes('Mallory'))
    await changed('PUT', '/v1/group-roles', { group: 'analysts', role: 'builder' })
  })

  test('an address in the token is not verified by what is said of another one beside it', async () => {
    const made = await changed('POST', '/v1/members', {
      name: 'Owner of an address',
      email: 'mine@house.example',
      role: 'admin',
    })
    for (const { id, issuer: of } of (await ask('GET', '/v1/identity-providers')).body.data) {
      if (of === issuer) await ask('DELETE', `/v1/identity-providers/${id}`)
    }
    const trusted = { name: 'Trusted', issuer, client_id: 'bastide', link_by_email: true }
    liarId = (await changed('POST', '/v1/identity-providers', trusted)).id
    userinfo = { email: 'other@house.example', email_verified: true }
    lying = async () => signed(claims({ sub: 'mallory-3', email: 'mine@house.example' }))
    const { jar } = await comeBack()
    const { body } = await sessionOf(jar)
    assert.equal(body.principal.name, 'Mallory')
    assert.notEqual(body.principal.id, made.id)
    userinfo = { email: 'mine@house.example', email_verified: true }
    lying = async () => signed(claims({ sub: 'mallory-4' }))
    const verified = await sessionOf((await comeBack()).jar)
    assert.equal(verified.body.principal.id, made.id, 'said of the address itself, it counts')
  })
})

describe('SCIM', () => {
  let scimKey: string
  const scim = (method: string, path: string, body?: unknown) =>
    ask(method, `/scim/v2${path}`, body, scimKey)

  before(async () => {
    const body = { name: 'directory', role: 'owner', scopes: ['directory:provision'] }
    scimKey = (await changed('POST', '/v1/keys', body)).key
  })

  async function makeUser(userName: string, more = {}): Promise<string> {
    const { status, body } = await scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      ...more,
    })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }

  test('a user comes, gets a role by a group, and signs in as themselves', async () => {
    const id = await makeUser('dora@house.example', {
      externalId: 'dora-at-idp',
      name: { givenName: 'Dora', familyName: 'Lind' },
      emails: [{ value: 'dora@house.example', type: 'work', primary: true }],
    })
    const found = await scim(
      'GET',
      `/Users?filter=${encodeURIComponent('userName eq "DORA@house.example"')}`,
    )
    assert.equal(found.body.totalResults, 1)
    assert.equal(found.body.Resources[0].displayName, 'Dora Lind')
    const group = await scim('POST', '/Groups', {
      displayName: 'analysts',
      members: [{ value: id }],
    })
    assert.equal(group.status, 201)
    idp.users.set('dora-at-idp', user('Dora', undefined, { emailVerified: false }))
    // This provider tells of groups, and tells of none: what the directory said stands beside it.
    const { jar } = await signIn('dora-at-idp')
    const { body } = await sessionOf(jar)
    assert.equal(body.principal.id, id)
    assert.ok(body.permissions.includes('models:write'))

    // One directory says "False" in words.
    const off = await scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    })
    assert.equal(off.body.active, false)
    assert.equal((await sessionOf(jar)).status, 401)
    assert.match((await signIn('dora-at-idp')).refused!, /access/)
    await scim('PATCH', `/Users/${id}`, {
      Operations: [{ op: 'replace', value: { active: true } }],
    })
    assert.equal((await sessionOf((await signIn('dora-at-idp')).jar)).status, 200)

    const out = await scim('PATCH', `/Groups/${group.body.id}`, {
      Operations: [{ op: 'remove', path: `members[value eq "${id}"]` }],
    })
    assert.deepEqual(out.body.members, [])
    assert.match((await signIn('dora-at-idp')).refused!, /no group of yours/)
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 204)
    assert.equal((await scim('GET', `/Users/${id}`)).status, 404)
  })

  test('a group is renamed, and its members have what the new name was given', async () => {
    const id = await makeUser('finn@house.example')
    const made = await scim('POST', '/Groups', { displayName: 'nobody', members: [{ value: id }] })
    const roleOf = async () =>
      (await ask('GET', '/v1/members')).body.data.find((one: { id: string }) => one.id === id)?.role
    assert.equal(await roleOf(), undefined)
    const { status } = await scim('PUT', `/Groups/${made.body.id}`, {
      displayName: 'clerks',
      members: [{ value: id }],
    })
    assert.equal(status, 200)
    assert.equal(await roleOf(), 'member')
    assert.equal((await scim('DELETE', `/Groups/${made.body.id}`)).status, 204)
    assert.equal(await roleOf(), undefined)
  })

  test('a directory that adds many users to one group at once loses none', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, index) => makeUser(`many-${index}@house.example`)),
    )
    const groups = await Promise.all(
      ['all-at-once', 'and-another'].map((displayName) => scim('POST', '/Groups', { displayName })),
    )
    const add = (group: string, id: string) =>
      scim('PATCH', `/Groups/${group}`, {
        Operations: [{ op: 'Add', path: 'members', value: [{ value: id }] }],
      })
    const answers = await Promise.all(
      groups.flatMap(({ body }) => ids.map((id) => add(body.id, id))),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    for (const { body } of groups) {
      const { members } = (await scim('GET', `/Groups/${body.id}`)).body
      assert.deepEqual(members.map((one: { value: string }) => one.value).sort(), ids.toSorted())
    }
  })

  test('an operation that reaches for what all objects share is refused, and changes nothing', async () => {
    const { body } = await scim('POST', '/Users', { userName: 'proto@house.example' })
    const operations = [
      { op: 'add', path: '__proto__.polluted', value: 'yes' },
      { op: 'add', path: 'constructor.prototype.polluted', value: 'yes' },
      { op: 'replace', path: 'name.__proto__.polluted', value: 'yes' },
      { op: 'add', path: 'emails[value eq "a"].__proto__.polluted', value: 'yes' },
      { op: 'add', value: { '__proto__.polluted': 'yes' } },
      { op: 'add', value: { name: { 'constructor.prototype.polluted': 'yes' } } },
      { op: 'remove', path: '__proto__.toString' },
    ]
    for (const operation of operations) {
      const { status } = await scim('PATCH', `/Users/${body.id}`, { Operations: [operation] })
      assert.equal(status, 400, JSON.stringify(operation))
    }
    const named = [{ op: 'replace', path: 'displayName', value: 'constructor' }]
    const { status } = await scim('PATCH', `/Users/${body.id}`, { Operations: named })
    assert.equal(status, 200, 'a person may be called what they are called')
    assert.equal((await fetch(new URL('/health', program.url))).status, 200)
  })

  test('what was decided by hand holds: a role, and a suspension the directory says nothing of', async () => {
    const user = { userName: 'byhand@house.example' }
    const { body } = await scim('POST', '/Users', user)
    const member = { value: body.id }
    await scim('POST', '/Groups', { displayName: 'hands', members: [member] })
    await changed('PUT', '/v1/group-roles', { group: 'hands', role: 'admin', workspace })
    await changed('PATCH', `/v1/members/${body.id}`, { role: 'member' })
    await scim('POST', '/Groups', { displayName: 'unrelated', members: [member] })
    const listed = await changed('GET', '/v1/members')
    const role = listed.data.find((one: { id: string }) => one.id === body.id)?.role
    assert.equal(role, 'member')
    await changed('PATCH', `/v1/members/${body.id}`, { state: 'suspended' })
    for (const said of [user, { ...user, active: true }]) {
      const put = await scim('PUT', `/Users/${body.id}`, said)
      assert.equal(put.body.active, false, 'a directory says "active" of everybody')
    }
    await scim('PUT', `/Users/${body.id}`, { ...user, active: false })
    const again = await scim('PUT', `/Users/${body.id}`, { ...user, active: true })
    assert.equal(again.body.active, false, 'the directory takes back its own alone')
    await changed('PATCH', `/v1/members/${body.id}`, { state: 'active' })
    const found = await scim('GET', `/Users/${body.id}`)
    assert.equal(found.body.active, true)
  })

  test('whom groups let in goes with the groups; whom the directory ended comes back by it', async () => {
    const id = await makeUser('gone@house.example')
    const made = await changed('POST', '/v1/workspaces', { name: 'a branch' })
    const branch = made.id
    const inBranch = (method: string, path: string, body?: unknown) =>
      ask(method, path, body, made.key)
    await scim('POST', '/Groups', { displayName: 'branch staff', members: [{ value: id }] })
    await changed('PUT', '/v1/group-roles', {
      group: 'branch staff',
      role: 'member',
      workspace: branch,
    })
    const refused = await inBranch('DELETE', `/v1/members/${id}`)
    assert.equal(refused.status, 409)
    assert.match(refused.body.error.message, /"branch staff" would give/)
    await scim('PATCH', `/Users/${id}`, {
      Operations: [{ op: 'replace', path: 'active', value: false }],
    })
    const back = await inBranch('PATCH', `/v1/members/${id}`, { state: 'active' })
    assert.equal(back.status, 403)
    assert.match(back.body.error.message, /directory ended/)
    const again = await inBranch('PATCH', `/v1/members/${id}`, { state: 'suspended' })
    assert.equal(again.status, 403, 'else it would be by hand, and theirs to take back')
    await changed('PUT', '/v1/group-roles', {
      group: 'branch staff',
      role: null,
      workspace: branch,
    })
    const listed = await inBranch('GET', '/v1/members')
    assert.ok(!listed.body.data.some((one: { id: string }) => one.id === id))
  })

  test('a large group comes, changes its role and goes as a whole, with a record of each', async () => {
    const ids = await Promise.all(
      Array.from({ length: 400 }, (_, index) => makeUser(`crowd-${index}@house.example`)),
    )
    const members = ids.map((value) => ({ value }))
    const roles = async () => {
      const listed = (await changed('GET', '/v1/members')).data as { id: string; role: string }[]
      const crowd = new Set(ids)
      return listed.filter(({ id }) => crowd.has(id)).map(({ role }) => role)
    }
    const records = async () => {
      const out = join(program.folder, `chain-${Date.now()}.jsonl`)
      assert.equal((await program.command('audit', 'export', '--out', out)).code, 0)
      return readFileSync(out, 'utf8').split('member.follow_groups').length
    }
    const before = await records()
    const made = await scim('POST', '/Groups', { displayName: 'crowd', members })
    assert.equal(made.body.members.length, 400)
    await changed('PUT', '/v1/group-roles', { group: 'crowd', role: 'member' })
    assert.deepEqual(await roles(), Array(400).fill('member'))
    await changed('PUT', '/v1/group-roles', { group: 'crowd', role: 'auditor' })
    assert.deepEqual(await roles(), Array(400).fill('auditor'))
    const half = { displayName: 'crowd', members: members.slice(200) }
    await scim('PUT', `/Groups/${made.body.id}`, half)
    assert.deepEqual(await roles(), Array(200).fill('auditor'))
    await scim('DELETE', `/Groups/${made.body.id}`)
    assert.deepEqual(await roles(), [])
    assert.equal((await records()) - before, 400 + 400 + 200 + 200)
    const stranger = { displayName: 'strangers', members: [...members, { value: 'mem_none' }] }
    assert.equal((await scim('POST', '/Groups', stranger)).status, 404)
  })

  test('names are unique, pages have sizes, and errors are in its own words', async () => {
    await makeUser('una@house.example')
    const twice = await scim('POST', '/Users', { userName: 'Una@house.example' })
    assert.deepEqual([twice.status, twice.body.scimType], [409, 'uniqueness'])
    assert.deepEqual(twice.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
    const page = await scim('GET', '/Users?startIndex=2&count=1')
    assert.equal(page.body.itemsPerPage, 1)
    assert.ok(page.body.totalResults > 2)
    for (const [method, path, body] of [
      ['GET', '/Users?filter=nonsense', undefined],
      ['POST', '/Users', {}],
      ['POST', '/Users', { userName: 5 }],
      ['PATCH', '/Users/none', { Operations: [] }],
      ['PUT', '/Groups/none', { displayName: '' }],
    ] as const) {
      const refused = await scim(method, path, body)
      assert.equal(refused.status, 400, `${method} ${path}`)
      assert.ok(refused.body.detail)
    }
    assert.equal((await scim('GET', '/Groups/none')).status, 404)
    const missing = { displayName: 'x', members: [{ value: 'mem_none' }] }
    assert.equal((await scim('POST', '/Groups', missing)).status, 404)
    assert.equal((await scim('GET', '/ServiceProviderConfig')).body.patch.supported, true)
  })

  test('its key opens nothing else, and no lesser key opens it', async () => {
    assert.equal((await ask('GET', '/v1/members', undefined, scimKey)).status, 403)
    const admin = await changed('POST', '/v1/keys', { name: 'an admin', role: 'admin' })
    assert.equal((await ask('GET', '/scim/v2/Users', undefined, admin.key)).status, 403)
  })
})

describe('keys in turn', () => {
  test('a key and its successor work side by side, until the old one ends', async () => {
    const old = await changed('POST', '/v1/keys', { name: 'turning', scopes: ['usage:read'] })
    const next = await changed('POST', `/v1/keys/${old.id}/rotate`, { overlap_hours: 1 / 1800 })
    assert.deepEqual(next.scopes, ['usage:read'])
    assert.equal(next.rotated_from.rotated_to, next.id)
    const works = async (key: string) => (await ask('GET', '/v1/usage', undefined, key)).status
    assert.deepEqual([await works(old.key), await works(next.key)], [200, 200])
    assert.equal((await ask('POST', `/v1/keys/${old.id}/rotate`, {})).status, 409)
    await new Promise((resume) => setTimeout(resume, 4_500))
    assert.deepEqual([await works(old.key), await works(next.key)], [401, 200])
  })
})
