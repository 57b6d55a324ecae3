/** A real OpenID Connect provider for tests: users without passwords, groups as a claim. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'

export interface TestUser {
  name: string
  email: string
  emailVerified: boolean
  groups: string[] | undefined
}

export interface TestIdentityProvider {
  issuer: string
  port: number
  clientId: string
  clientSecret: string
  users: Map<string, TestUser>
  /** Who the next sign-in is; there is no page to choose at. */
  signingIn: string
  close(): void
}

const clientId = 'bastide'
const clientSecret = 'a secret of the test'

export async function startIdentityProvider(redirectUri: string): Promise<TestIdentityProvider> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const users = new Map<string, TestUser>()
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    scopes: ['openid', 'email', 'profile', 'groups'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['of the test'] },
    findAccount: (_context, id) => {
      const user = users.get(id)
      if (!user) return undefined
      return {
        accountId: id,
        claims: () => ({
          sub: id,
          name: user.name,
          email: user.email,
          email_verified: user.emailVerified,
          ...(user.groups && { groups: user.groups }),
        }),
      }
    },
    loadExistingGrant: async (context: KoaContextWithOIDC) => {
      const { client, session } = context.oidc
      const grant = new provider.Grant({
        clientId: client!.clientId,
        accountId: session!.accountId!,
      })
      grant.addOIDCScope('openid email profile groups')
      await grant.save()
      return grant
    },
  })
  const test: TestIdentityProvider = {
    issuer,
    port,
    clientId,
    clientSecret,
    users,
    signingIn: '',
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  const answer = provider.callback()
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response)
    const login = { accountId: test.signingIn, remember: false }
    await provider.interactionFinished(request, response, { login })
  })
  return test
}
