import type { Translations } from './translations.ts'

/** Settings: retention, webhooks, backups. */
export const settings = {
  'Make and restore': { fr: 'Créer et restaurer', de: 'Anlegen und wiederherstellen' },
  'On the server, while it runs': {
    fr: 'Sur le serveur, pendant qu’il fonctionne',
    de: 'Auf dem Server, während er läuft',
  },
  'The whole installation as one encrypted file:': {
    fr: 'Toute l’installation dans un fichier chiffré :',
    de: 'Die ganze Installation als eine verschlüsselte Datei:',
  },
  'Into an empty folder, or with DATABASE_URL into an empty PostgreSQL database:': {
    fr: 'Dans un dossier vide, ou avec DATABASE_URL dans une base PostgreSQL vide :',
    de: 'In einen leeren Ordner, oder mit DATABASE_URL in eine leere PostgreSQL-Datenbank:',
  },
  'A backup opens only with the installation’s master key. Keep that apart from the data and from the backups: without it, nothing can be restored.':
    {
      fr: 'Une sauvegarde ne s’ouvre qu’avec la clé maîtresse de l’installation. Conservez celle-ci à l’écart des données et des sauvegardes : sans elle, rien ne peut être restauré.',
      de: 'Eine Sicherung öffnet sich nur mit dem Hauptschlüssel der Installation. Bewahren Sie ihn getrennt von den Daten und den Sicherungen auf: Ohne ihn lässt sich nichts wiederherstellen.',
    },
  'Made so far': { fr: 'Déjà faites', de: 'Bisher angelegt' },
  'From the audit log': { fr: 'D’après le journal d’audit', de: 'Aus dem Audit-Protokoll' },
  'Loading backups': { fr: 'Chargement des sauvegardes', de: 'Sicherungen werden geladen' },
  'No backup has been made yet. Make one before you rely on this installation.': {
    fr: 'Aucune sauvegarde n’a encore été faite. Faites-en une avant de compter sur cette installation.',
    de: 'Es gibt noch keine Sicherung. Legen Sie eine an, bevor Sie sich auf diese Installation verlassen.',
  },
  'record {seq}': { fr: 'enregistrement {seq}', de: 'Eintrag {seq}' },
  'How long things are kept': {
    fr: 'Durée de conservation',
    de: 'Wie lange Dinge aufbewahrt werden',
  },
  'What is over age is removed within the hour': {
    fr: 'Ce qui dépasse l’âge est supprimé dans l’heure',
    de: 'Was zu alt ist, wird binnen einer Stunde entfernt',
  },
  'Loading retention rules': {
    fr: 'Chargement des règles de conservation',
    de: 'Aufbewahrungsregeln werden geladen',
  },
  'set {time}': { fr: 'fixé le {time}', de: 'gesetzt am {time}' },
  '{count, plural, one {# day} other {# days}}': {
    fr: '{count, plural, one {# jour} other {# jours}}',
    de: '{count, plural, one {# Tag} other {# Tage}}',
  },
  '{kind}: {kept}': { fr: '{kind} : {kept}', de: '{kind}: {kept}' },
  'until somebody removes them': {
    fr: 'jusqu’à ce que quelqu’un les supprime',
    de: 'bis jemand sie entfernt',
  },
  '{kind}: kept for {count, plural, one {# day} other {# days}}.': {
    fr: '{kind} : conservation de {count, plural, one {# jour} other {# jours}}.',
    de: '{kind}: {count, plural, one {# Tag} other {# Tage}} aufbewahrt.',
  },
  '{kind}: kept until somebody removes them.': {
    fr: '{kind} : conservation jusqu’à suppression.',
    de: '{kind}: aufbewahrt, bis jemand sie entfernt.',
  },
  '{kind}: days to keep them': {
    fr: '{kind} : jours de conservation',
    de: '{kind}: Tage der Aufbewahrung',
  },
  'for ever': { fr: 'sans fin', de: 'immer' },
  days: { fr: 'jours', de: 'Tage' },
  'Set<hidden>: {kind}</hidden>': {
    fr: 'Fixer<hidden> : {kind}</hidden>',
    de: 'Setzen<hidden>: {kind}</hidden>',
  },
  '{kind}: keep for {count, plural, one {# day} other {# days}}': {
    fr: '{kind} : conserver {count, plural, one {# jour} other {# jours}}',
    de: '{kind}: {count, plural, one {# Tag} other {# Tage}} aufbewahren',
  },
  'Remove what is older': { fr: 'Supprimer ce qui est plus ancien', de: 'Älteres entfernen' },
  'Everything from before {time} is removed now, for good, and what gets older after it.': {
    fr: 'Tout ce qui date d’avant le {time} est supprimé maintenant, définitivement, puis tout ce qui dépassera cet âge.',
    de: 'Alles von vor dem {time} wird jetzt endgültig entfernt, und danach alles, was dieses Alter überschreitet.',
  },
  'What this workspace keeps, whom it tells, and how it is backed up.': {
    fr: 'Ce que cet espace de travail conserve, qui il informe, et comment il est sauvegardé.',
    de: 'Was dieser Arbeitsbereich aufbewahrt, wem er Bescheid gibt und wie er gesichert wird.',
  },
  Retention: { fr: 'Conservation', de: 'Aufbewahrung' },
  Webhooks: { fr: 'Webhooks', de: 'Webhooks' },
  Backups: { fr: 'Sauvegardes', de: 'Sicherungen' },
  'The webhook’s signing secret': {
    fr: 'Le secret de signature du webhook',
    de: 'Das Signaturgeheimnis des Webhooks',
  },
  'Copy it now: it cannot be shown again. The receiver checks with it that an event is from here.':
    {
      fr: 'Copiez-le maintenant : il ne pourra plus être affiché. Il permet au destinataire de vérifier qu’un événement vient d’ici.',
      de: 'Kopieren Sie es jetzt: Es kann nicht noch einmal angezeigt werden. Damit prüft der Empfänger, dass ein Ereignis von hier kommt.',
    },
  'Events are signed as Standard Webhooks has it; its libraries verify them in every language.': {
    fr: 'Les événements sont signés selon Standard Webhooks ; ses bibliothèques les vérifient dans tous les langages.',
    de: 'Ereignisse werden nach Standard Webhooks signiert; dessen Bibliotheken prüfen sie in jeder Programmiersprache.',
  },
  'Add a webhook': { fr: 'Ajouter un webhook', de: 'Webhook hinzufügen' },
  'A POST to a program of yours. It says what has ended and how, nothing of the contents.': {
    fr: 'Un POST à un de vos programmes. Il dit ce qui s’est terminé et comment, rien du contenu.',
    de: 'Ein POST an ein Programm von Ihnen. Er sagt, was wie geendet hat, und nichts vom Inhalt.',
  },
  Address: { fr: 'Adresse', de: 'Adresse' },
  'Allow its host and port under Egress as well.': {
    fr: 'Autorisez aussi son hôte et son port dans les sorties réseau.',
    de: 'Erlauben Sie Host und Port auch unter „Ausgehender Verkehr“.',
  },
  'Loading webhooks': { fr: 'Chargement des webhooks', de: 'Webhooks werden geladen' },
  'Nobody is told': { fr: 'Personne n’est informé', de: 'Niemand bekommt Bescheid' },
  'A webhook tells a program of yours when a batch or a document is finished, so that it need not ask. Its address needs an egress rule as well.':
    {
      fr: 'Un webhook informe un de vos programmes qu’un lot ou un document est terminé, pour qu’il n’ait pas à demander. Son adresse a aussi besoin d’une règle de sortie.',
      de: 'Ein Webhook sagt einem Programm von Ihnen, wenn ein Stapel oder ein Dokument fertig ist, damit es nicht nachfragen muss. Seine Adresse braucht auch eine Regel für ausgehenden Verkehr.',
    },
  'A test event is on its way.': {
    fr: 'Un événement d’essai est en route.',
    de: 'Ein Testereignis ist unterwegs.',
  },
  'Send a test': { fr: 'Envoyer un essai', de: 'Test senden' },
  'Latest deliveries': { fr: 'Dernières remises', de: 'Letzte Zustellungen' },
  '{count} attempts': { fr: '{count} tentatives', de: '{count} Versuche' },
  'Remove the webhook': { fr: 'Retirer le webhook', de: 'Webhook entfernen' },
  'The webhook is removed.': { fr: 'Le webhook est retiré.', de: 'Der Webhook ist entfernt.' },
  '<code>{url}</code> is told nothing more. What has not reached it yet is given up.': {
    fr: '<code>{url}</code> ne reçoit plus rien. Ce qui n’y est pas encore parvenu est abandonné.',
    de: '<code>{url}</code> bekommt nichts mehr mitgeteilt. Was noch nicht angekommen ist, wird aufgegeben.',
  },
  'counted from when they were uploaded': {
    fr: 'comptée à partir de l’envoi',
    de: 'gezählt ab dem Hochladen',
  },
  'with pages and words, counted from when they were read': {
    fr: 'avec pages et mots, comptée à partir de la lecture',
    de: 'mit Seiten und Wörtern, gezählt ab dem Lesen',
  },
  Batches: { fr: 'Lots', de: 'Stapel' },
  Answers: { fr: 'Réponses', de: 'Antworten' },
  'kept by clients of the Responses API': {
    fr: 'conservées par les clients de l’API Responses',
    de: 'von Clients der Responses-API aufbewahrt',
  },
  'with their answers, counted from when they finished': {
    fr: 'avec leurs réponses, comptée à partir de la fin',
    de: 'mit ihren Antworten, gezählt ab dem Ende',
  },
  'A batch is finished': { fr: 'Un lot est terminé', de: 'Ein Stapel ist fertig' },
  'A document is read': { fr: 'Un document est lu', de: 'Ein Dokument ist gelesen' },
  'Make a backup now': { fr: 'Faire une sauvegarde maintenant', de: 'Jetzt sichern' },
  'Backing up': { fr: 'Sauvegarde', de: 'Sicherung läuft' },
} as const satisfies Translations
