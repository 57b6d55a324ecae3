/**
 * Sign-in with an OpenID Connect provider: authorization code with PKCE (RFC 7636), state and nonce, each
 * good for one return. All that is asked of the provider goes through the egress guard.
 */
import * as oidc from 'openid-client'
import type { Clock } from '../../clock.ts'
import { type Egress, isConnectionError, readWhole } from '../../egress.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { Keyring } from '../../store/keyring.ts'
import { secretHash } from '../authenticate.ts'
import type { Identity } from './accounts.ts'
import { clientSecretOf, type IdentityProvider } from './providers.ts'

const signInMinutes = 10
/** Metadata and keys of a provider are read anew after this. */
const metadataMinutes = 10
/** Anybody can begin a sign-in; of more than so many at once the oldest are forgotten. */
const pendingMax = 10_000
const answerBytesMax = 2 ** 20
const groupsMax = 1_000
const timeoutSeconds = 15

export interface SignIn {
  /** Where the browser goes, and the state it must bring back in a cookie. */
  begin(
    providerId: string,
    wanted: { redirectUri: string; returnTo: string },
  ): Promise<{ url: URL; state: string; maxAgeSeconds: number }>
  /** What the provider says of the user. `state` is the cookie's; `answer` the address returned to. */
  complete(
    state: string,
    answer: URL,
  ): Promise<{ provider: IdentityProvider; identity: Identity; returnTo: string }>
}

export interface SignInParts {
  db: Database
  egress: Egress
  keyring: Keyring
  clock: Clock
}

export function createSignIn({ db, egress, keyring, clock }: SignInParts): SignIn {
  const known = new Map<string, { readAt: number; configuration: Promise<oidc.Configuration> }>()

  async function providerOf(id: string): Promise<IdentityProvider> {
    const provider = await db
      .selectFrom('identity_providers')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!provider) throw new AppError('not_found', 'There is no such identity provider.')
    return provider
  }

  function configurationOf(provider: IdentityProvider): Promise<oidc.Configuration> {
    const now = clock.monotonic()
    const found = known.get(provider.id)
    if (found && now - found.readAt < metadataMinutes * 60_000) return found.configuration
    const configuration = discover(provider)
    known.set(provider.id, { readAt: now, configuration })
    // What could not be read is asked for again by the next one.
    configuration.catch(() => known.delete(provider.id))
    return configuration
  }

  async function discover(provider: IdentityProvider): Promise<oidc.Configuration> {
    const secret = await clientSecretOf(keyring, provider.id)
    const issuer = new URL(provider.issuer)
    const fetchThroughGuard = guardedFetch(egress, `sign-in:${provider.name}`)
    const configuration = await oidc.discovery(
      issuer,
      provider.client_id,
      undefined,
      secret ? undefined : oidc.None(),
      {
        [oidc.customFetch]: fetchThroughGuard,
        timeout: timeoutSeconds,
        ...(issuer.protocol === 'http:' && { execute: [oidc.allowInsecureRequests] }),
      },
    )
    const metadata = configuration.serverMetadata()
    const ready = secret
      ? new oidc.Configuration(
          metadata,
          provider.client_id,
          secret,
          clientAuthentication(metadata, secret),
        )
      : configuration
    ready.timeout = timeoutSeconds
    ready[oidc.customFetch] = fetchThroughGuard
    if (issuer.protocol === 'http:') oidc.allowInsecureRequests(ready)
    // The token's signature is checked even though it comes straight from the provider.
    oidc.enableNonRepudiationChecks(ready)
    return ready
  }

  return {
    async begin(providerId, { redirectUri, returnTo }) {
      const provider = await providerOf(providerId)
      const configuration = await asked(provider, () => configurationOf(provider))
      const state = oidc.randomState()
      const nonce = oidc.randomNonce()
      const verifier = oidc.randomPKCECodeVerifier()
      const now = clock.now()
      await db.deleteFrom('sign_ins').where('expires_at', '<', new Date(now)).execute()
      const tooMany = db
        .selectFrom('sign_ins')
        .select('state_hash')
        .orderBy('expires_at', 'desc')
        .offset(pendingMax - 1)
      await db.deleteFrom('sign_ins').where('state_hash', 'in', tooMany).execute()
      await db
        .insertInto('sign_ins')
        .values({
          state_hash: secretHash(state),
          provider_id: provider.id,
          code_verifier: verifier,
          nonce,
          redirect_uri: redirectUri,
          return_to: returnTo,
          expires_at: new Date(now + signInMinutes * 60_000),
        })
        .execute()
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: provider.scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      return { url, state, maxAgeSeconds: signInMinutes * 60 }
    },

    async complete(state, answer) {
      const begun = await db
        .deleteFrom('sign_ins')
        .where('state_hash', '=', secretHash(state))
        .where('expires_at', '>', new Date(clock.now()))
        .returningAll()
        .executeTakeFirst()
      if (!begun) {
        throw new AppError(
          'unauthenticated',
          'This sign-in took too long, or its answer was used before. Start again.',
        )
      }
      const provider = await providerOf(begun.provider_id)
      const current = new URL(begun.redirect_uri)
      current.search = answer.search
      const identity = await asked(provider, async () => {
        const configuration = await configurationOf(provider)
        const tokens = await oidc.authorizationCodeGrant(configuration, current, {
          expectedState: state,
          expectedNonce: begun.nonce,
          pkceCodeVerifier: begun.code_verifier,
          idTokenExpected: true,
        })
        return identityOf(configuration, provider, tokens)
      })
      return { provider, identity, returnTo: begun.return_to }
    },
  }
}

function clientAuthentication(metadata: oidc.ServerMetadata, secret: string): oidc.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported
  // RFC 8414: a provider that names no methods takes the secret as HTTP Basic.
  return methods?.includes('client_secret_post')
    ? oidc.ClientSecretPost(secret)
    : oidc.ClientSecretBasic(secret)
}

/** The library's requests, sent by the only way out. */
function guardedFetch(egress: Egress, purpose: string): oidc.CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const answer = await egress.fetch(url, {
      purpose,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(body != null && { body: String(body) }),
      ...(signal && { signal }),
    })
    const bytes = await readWhole(answer, answerBytesMax)
    const empty = [101, 204, 205, 304].includes(answer.status)
    return new Response(empty ? null : new Uint8Array(bytes), {
      status: answer.status,
      headers: [...answer.headers],
    })
  }
}

type Claims = Record<string, unknown>

async function identityOf(
  configuration: oidc.Configuration,
  provider: IdentityProvider,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): Promise<Identity> {
  const claims = tokens.claims()
  if (!claims) throw new AppError('unauthenticated', `${provider.name} sent no ID token.`)
  const more: Claims = configuration.serverMetadata().userinfo_endpoint
    ? { ...(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)) }
    : {}
  // The signed token counts more than what was asked for beside it.
  const all: Claims = { ...more, ...claims }
  // Whether an address was verified is said where the address is.
  const address: Claims = claims.email === undefined ? more : claims
  const email = text(address.email)
  return {
    subject: claims.sub,
    name: (text(all.name) ?? text(all.preferred_username) ?? email ?? claims.sub).slice(0, 200),
    email: email?.slice(0, 320) ?? null,
    emailVerified: address.email_verified === true,
    groups: groupsOf(provider, all),
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function groupsOf(provider: IdentityProvider, claims: Claims): string[] | null {
  const claim = provider.groups_claim
  if (claim === '') return null
  const elsewhere = claims._claim_names as Record<string, unknown> | undefined
  if (elsewhere && claim in elsewhere) throw tooManyGroups(provider)
  // Providers leave the claim out for users without groups: nothing told is nothing given.
  const value = claims[claim] ?? []
  const list = Array.isArray(value) ? value : [value]
  if (list.length > groupsMax) throw tooManyGroups(provider)
  return list.filter((one): one is string => typeof one === 'string' && one.length <= 200)
}

function tooManyGroups(provider: IdentityProvider): AppError {
  return new AppError(
    'forbidden',
    `${provider.name} has more groups for you than fit into its token. Ask an owner to have only the assigned groups sent, or to provision groups over SCIM.`,
  )
}

/** Gives the library's failures the words of this program. */
async function asked<T>(provider: IdentityProvider, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw failureOf(provider, error)
  }
}

function failureOf(provider: IdentityProvider, error: unknown): AppError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AppError) return cause
    if (isConnectionError(cause) || cause.name === 'TimeoutError') {
      const message = `${provider.name} could not be reached. Try again, or sign in with a key.`
      return new AppError('upstream_failed', message, { cause: error })
    }
  }
  if (error instanceof oidc.AuthorizationResponseError) {
    const message = `${provider.name} refused the sign-in (${error.error}).`
    return new AppError('unauthenticated', message, { cause: error })
  }
  if (error instanceof oidc.ResponseBodyError) {
    const message = `${provider.name} refused the code (${error.error}). Start again; if it stays so, check the client id and secret.`
    return new AppError('unauthenticated', message, { cause: error })
  }
  if (error instanceof oidc.ClientError) {
    const message = `The answer of ${provider.name} did not pass the checks (${error.code ?? 'invalid'}). Nobody was signed in.`
    return new AppError('unauthenticated', message, { cause: error })
  }
  throw error
}
