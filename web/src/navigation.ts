import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { PlainText } from './texts/catalogue.ts'
import type { IconName } from './ui/icon.tsx'

/** A page of the console: one folder under pages/, one entry here. */
export interface Page {
  path: string
  label: PlainText
  icon: IconName
  /** The page is shown only to principals that hold this permission. */
  permission: string
  /** Words the command palette finds it by, besides its label. */
  keywords: PlainText
  component: LazyExoticComponent<ComponentType>
}

export const pages: readonly Page[] = [
  {
    path: '/',
    label: 'Overview',
    icon: 'overview',
    permission: 'overview:read',
    keywords: 'home health live requests queue memory energy power',
    component: lazy(() => import('./pages/overview/overview-page.tsx')),
  },
  {
    path: '/playground',
    label: 'Playground',
    icon: 'playground',
    permission: 'inference:use',
    keywords: 'chat prompt generate json schema try',
    component: lazy(() => import('./pages/playground/playground-page.tsx')),
  },
  {
    path: '/documents',
    label: 'Documents',
    icon: 'documents',
    permission: 'documents:read',
    keywords: 'ocr read scan pdf image upload text',
    component: lazy(() => import('./pages/documents/documents-page.tsx')),
  },
  {
    path: '/models',
    label: 'Models',
    icon: 'models',
    permission: 'models:read',
    keywords: 'packages aliases registry promote rollback licence signature',
    component: lazy(() => import('./pages/models/models-page.tsx')),
  },
  {
    path: '/usage',
    label: 'Usage',
    icon: 'usage',
    permission: 'usage:read',
    keywords: 'cost euros joules tokens ledger limits budget carbon csv',
    component: lazy(() => import('./pages/usage/usage-page.tsx')),
  },
  {
    path: '/audit',
    label: 'Audit',
    icon: 'audit',
    permission: 'audit:read',
    keywords: 'log chain verify records export evidence',
    component: lazy(() => import('./pages/audit/audit-page.tsx')),
  },
  {
    path: '/egress',
    label: 'Egress',
    icon: 'egress',
    permission: 'egress:read',
    keywords: 'network outside connections allow refuse firewall destinations',
    component: lazy(() => import('./pages/egress/egress-page.tsx')),
  },
  {
    path: '/access',
    label: 'Access',
    icon: 'access',
    permission: 'members:read',
    keywords: 'members roles keys sessions sign-in groups scim oidc identity people',
    component: lazy(() => import('./pages/access/access-page.tsx')),
  },
  {
    path: '/settings',
    label: 'Settings',
    icon: 'sliders',
    permission: 'retention:read',
    keywords: 'retention webhooks backups restore keep delete',
    component: lazy(() => import('./pages/settings/settings-page.tsx')),
  },
]

/** The page an address belongs to: `/documents/x` belongs to `/documents`. */
export function pageOf(location: string): Page | undefined {
  return pages.find(({ path }) =>
    path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`),
  )
}
