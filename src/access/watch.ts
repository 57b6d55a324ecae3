/**
 * Access that ends while it is used: every answer or run that lasts is asked again, each half second,
 * whether its credential still stands and still has the permission it began with. A revoked key, a
 * demoted, suspended or removed member thus loses running streams and jobs within two seconds, on every
 * server of the installation.
 */
import { AppError } from '../errors.ts'
import type { Authenticator, Credential } from './authenticate.ts'
import type { Permission } from './permissions.ts'
import { requirePermission } from './scope.ts'

/** With answers kept for at most two seconds (see freshness.ts), a change elsewhere is met in time. */
const askEveryMs = 500

export interface AccessWatch {
  /**
   * Calls `lost` once, with the reason, when the credential no longer holds. `permission` null: being
   * known is enough. Returns what ends the watch.
   */
  hold(
    credential: Credential,
    permission: Permission | null,
    lost: (reason: AppError) => void,
  ): () => void
}

interface Held {
  credential: Credential
  permission: Permission | null
  lost: (reason: AppError) => void
}

export function createAccessWatch(authenticator: Pick<Authenticator, 'authenticate'>): AccessWatch {
  const holders = new Set<Held>()
  let timer: NodeJS.Timeout | undefined

  async function ask(held: Held): Promise<void> {
    try {
      const scope = await authenticator.authenticate(held.credential)
      if (held.permission) requirePermission(scope, held.permission)
    } catch (error) {
      const refused =
        error instanceof AppError &&
        (error.code === 'unauthenticated' || error.code === 'forbidden')
      // A database that is away says nothing about access; the next turn asks again.
      if (refused && holders.delete(held)) held.lost(error)
    }
  }

  function turn(): void {
    for (const held of holders) void ask(held)
    if (holders.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    hold(credential, permission, lost) {
      const held: Held = { credential, permission, lost }
      holders.add(held)
      timer ??= setInterval(turn, askEveryMs).unref()
      return () => {
        holders.delete(held)
      }
    },
  }
}
