import type { Translations } from './translations.ts'

/** Egress. */
export const egress = {
  '{place} is allowed. The decision is in the audit log.': {
    fr: '{place} est autorisé. La décision est inscrite au journal d’audit.',
    de: '{place} ist erlaubt. Die Entscheidung steht im Audit-Protokoll.',
  },
  'Allow a destination': { fr: 'Autoriser une destination', de: 'Ziel erlauben' },
  'The name is resolved at each connection, and the address it yields is checked again.': {
    fr: 'Le nom est résolu à chaque connexion, et l’adresse obtenue est vérifiée à nouveau.',
    de: 'Der Name wird bei jeder Verbindung aufgelöst und die erhaltene Adresse erneut geprüft.',
  },
  Allow: { fr: 'Autoriser', de: 'Erlauben' },
  'Host name or address': { fr: 'Nom d’hôte ou adresse', de: 'Hostname oder Adresse' },
  Port: { fr: 'Port', de: 'Port' },
  'It may be a private address': {
    fr: 'L’adresse peut être privée',
    de: 'Es darf eine private Adresse sein',
  },
  'For servers of your own network. Without it, a name that leads inside is refused.': {
    fr: 'Pour les serveurs de votre propre réseau. Sinon, un nom qui mène à l’intérieur est refusé.',
    de: 'Für Server Ihres eigenen Netzes. Sonst wird ein Name abgelehnt, der nach innen führt.',
  },
  Attempted: { fr: 'Tentatives', de: 'Versuche' },
  'Which attempts': { fr: 'Quelles tentatives', de: 'Welche Versuche' },
  Allowed: { fr: 'Autorisées', de: 'Erlaubt' },
  Refused: { fr: 'Refusées', de: 'Abgelehnt' },
  'Loading destinations': { fr: 'Chargement des destinations', de: 'Ziele werden geladen' },
  'A remote model, an identity provider or a document by address is seen here with its first attempt.':
    {
      fr: 'Un modèle distant, un fournisseur d’identité ou un document par adresse apparaît ici dès sa première tentative.',
      de: 'Ein entferntes Modell, ein Identitätsanbieter oder ein Dokument per Adresse erscheint hier mit dem ersten Versuch.',
    },
  'Attempted destinations': { fr: 'Destinations tentées', de: 'Versuchte Ziele' },
  Destination: { fr: 'Destination', de: 'Ziel' },
  Outcome: { fr: 'Résultat', de: 'Ergebnis' },
  Attempts: { fr: 'Tentatives', de: 'Versuche' },
  Last: { fr: 'Dernière', de: 'Zuletzt' },
  'Allow…<hidden> {place}</hidden>': {
    fr: 'Autoriser…<hidden> {place}</hidden>',
    de: 'Erlauben…<hidden> {place}</hidden>',
  },
  'Nothing leaves unless it is allowed here, by exact host and port. Every attempt is written down.':
    {
      fr: 'Rien ne sort sans être autorisé ici, par hôte et port exacts. Chaque tentative est consignée.',
      de: 'Nichts verlässt das Haus, was hier nicht mit genauem Host und Port erlaubt ist. Jeder Versuch wird festgehalten.',
    },
  'Loading rules': { fr: 'Chargement des règles', de: 'Regeln werden geladen' },
  'Nothing may leave': { fr: 'Rien ne peut sortir', de: 'Nichts darf hinaus' },
  'No destination is allowed, so Bastide connects to nothing outside this machine.': {
    fr: 'Aucune destination n’est autorisée : Bastide ne se connecte à rien en dehors de cette machine.',
    de: 'Kein Ziel ist erlaubt, daher verbindet sich Bastide mit nichts außerhalb dieses Rechners.',
  },
  'Allowed destinations': { fr: 'Destinations autorisées', de: 'Erlaubte Ziele' },
  'may be private': { fr: 'peut être privée', de: 'darf privat sein' },
  '{place} is refused from now on.': {
    fr: '{place} est désormais refusé.',
    de: '{place} wird ab jetzt abgelehnt.',
  },
  'Refuse<hidden> {place}</hidden>': {
    fr: 'Refuser<hidden> {place}</hidden>',
    de: 'Ablehnen<hidden> {place}</hidden>',
  },
  'No attempt yet': { fr: 'Pas encore de tentative', de: 'Noch kein Versuch' },
  'None allowed': { fr: 'Aucune autorisée', de: 'Keine erlaubt' },
  'None refused': { fr: 'Aucune refusée', de: 'Keine abgelehnt' },
} as const satisfies Translations
