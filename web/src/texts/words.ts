import type { Translations } from './translations.ts'

/** What the server calls things: roles, states and outcomes. */
export const words = {
  owner: { fr: 'propriétaire', de: 'Eigentümer' },
  admin: { fr: 'administrateur', de: 'Administrator' },
  builder: { fr: 'concepteur', de: 'Entwickler' },
  auditor: { fr: 'auditeur', de: 'Prüfer' },
  active: { fr: 'active', de: 'aktiv' },
  suspended: { fr: 'suspendu', de: 'gesperrt' },
  expired: { fr: 'expirée', de: 'abgelaufen' },
  revoked: { fr: 'révoquée', de: 'widerrufen' },
  'handing over': { fr: 'en relève', de: 'in Ablösung' },
  queued: { fr: 'en attente', de: 'wartet' },
  running: { fr: 'en cours', de: 'läuft' },
  done: { fr: 'terminé', de: 'fertig' },
  failed: { fr: 'échec', de: 'fehlgeschlagen' },
  cancelled: { fr: 'annulé', de: 'abgebrochen' },
  pending: { fr: 'en attente', de: 'ausstehend' },
  delivered: { fr: 'remis', de: 'zugestellt' },
  ok: { fr: 'ok', de: 'ok' },
  refused: { fr: 'refusé', de: 'abgelehnt' },
  allowed: { fr: 'autorisé', de: 'erlaubt' },
  degraded: { fr: 'dégradé', de: 'beeinträchtigt' },
  down: { fr: 'en panne', de: 'ausgefallen' },
} as const satisfies Translations
