import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { PlainText } from './texts/catalogue.ts'
import type { IconName } from './ui/icon.tsx'

interface PagePart {
  path: string
  label: PlainText
  permission?: string
}

/** A page of the console: one folder under pages/, one entry here. */
export interface Page {
  path: string
  label: PlainText
  icon: IconName
  /** The page is shown only to principals that hold this permission. */
  permission: string
  /** Words the command palette finds it by, besides its label. */
  keywords: PlainText
  /** Parts with addresses of their own, each behind a permission of its own where it has one. */
  parts?: readonly PagePart[]
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
    keywords:
      'packages aliases registry promote rollback licence signature hugging face oci import bundle',
    parts: [
      { path: '/models/packages', label: 'Packages' },
      { path: '/models/imports', label: 'Imports' },
      { path: '/models/quarantine', label: 'Quarantine' },
      { path: '/models/rules', label: 'Rules' },
    ],
    component: lazy(() => import('./pages/models/models-page.tsx')),
  },
  {
    path: '/usage',
    label: 'Usage',
    icon: 'usage',
    permission: 'usage:read',
    keywords: 'cost euros joules tokens ledger limits budget carbon csv',
    parts: [
      { path: '/usage/entries', label: 'Ledger entries' },
      { path: '/usage/limits', label: 'Limits', permission: 'limits:read' },
    ],
    component: lazy(() => import('./pages/usage/usage-page.tsx')),
  },
  {
    path: '/audit',
    label: 'Audit',
    icon: 'audit',
    permission: 'audit:read',
    keywords: 'log chain verify records export evidence anchors',
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
    parts: [
      { path: '/access/keys', label: 'Keys', permission: 'keys:read' },
      { path: '/access/sessions', label: 'Sessions' },
      { path: '/access/sign-in', label: 'Sign-in and groups', permission: 'identity:read' },
    ],
    component: lazy(() => import('./pages/access/access-page.tsx')),
  },
  {
    path: '/settings',
    label: 'Settings',
    icon: 'sliders',
    permission: 'retention:read',
    keywords: 'retention webhooks backups restore keep delete',
    parts: [
      { path: '/settings/webhooks', label: 'Webhooks', permission: 'webhooks:read' },
      { path: '/settings/backups', label: 'Backups', permission: 'backups:create' },
    ],
    component: lazy(() => import('./pages/settings/settings-page.tsx')),
  },
]

/** The page an address belongs to: `/documents/x` belongs to `/documents`. */
export function pageOf(location: string): Page | undefined {
  return pages.find(({ path }) =>
    path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`),
  )
}
