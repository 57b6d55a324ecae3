/**
 * A scope says who asks, for which workspace, and what they may do. Every function that reads or
 * writes customers' rows takes one, and only this folder makes them (a test holds that).
 */
import { AppError } from '../errors.ts'
import type { Role } from '../store/schema.ts'
import type { Permission } from './permissions.ts'

declare const madeByAccess: unique symbol

export interface Actor {
  kind: 'key' | 'member'
  id: string
  name: string
}

export interface Scope {
  readonly [madeByAccess]: true
  readonly organisationId: string
  readonly workspaceId: string
  readonly actor: Actor
  readonly keyId: string
  readonly memberId: string | null
  readonly role: Role
  /** Whether it is a member's own session in the console, which narrows nothing of their role. */
  readonly isConsole: boolean
  /** Whether it is in the organisation's home workspace. */
  readonly isHome: boolean
  readonly permissions: ReadonlySet<Permission>
  /** Alias or package names this key may call; null: any. */
  readonly allowedModels: readonly string[] | null
  /** The one model of a client session, and that it is one; null for everybody else. */
  readonly clientModel: string | null
  /** Data classes this key may send; null: any. */
  readonly allowedDataClasses: readonly string[] | null
}

/** For `access/` only. */
export function makeScope(fields: Omit<Scope, typeof madeByAccess>): Scope {
  return Object.freeze({ ...fields }) as Scope
}

/** Throws `forbidden`, naming the permission that is missing. */
export function requirePermission(scope: Scope, permission: Permission): void {
  if (scope.permissions.has(permission)) return
  throw new AppError(
    'forbidden',
    `This key (role ${scope.role}) lacks the permission ${permission}. Ask an administrator for a key that has it.`,
  )
}
