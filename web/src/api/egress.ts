import { call, useChange, useList } from './queries.ts'

export interface EgressRule {
  id: string
  host: string
  port: number
  allow_private: boolean
  created_at: string
  created_by: string
}

export interface Destination {
  host: string
  port: number
  outcome: 'allowed' | 'refused'
  reason: string
  purpose: string
  attempts: number
  first_at: string
  last_at: string
}

export const useEgressRules = (enabled = true) =>
  useList<EgressRule>(['egress', 'rules'], '/v1/egress/rules', { enabled })

/** Every destination ever attempted. */
export const useDestinations = () =>
  useList<Destination>(['egress', 'destinations'], '/v1/egress/destinations', { interval: 3_000 })

export const useAllow = () =>
  useChange(['egress'], (body: { host: string; port: number; allow_private: boolean }) =>
    call<EgressRule>('POST', '/v1/egress/rules', body),
  )

export const useDisallow = () =>
  useChange(['egress'], (id: string) => call<void>('DELETE', `/v1/egress/rules/${id}`))
