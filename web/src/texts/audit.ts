import type { Translations } from './translations.ts'

/** The audit log. */
export const audit = {
  'The chain was anchored.': { fr: 'La chaîne a été ancrée.', de: 'Die Kette wurde verankert.' },
  'There is nothing new to anchor.': {
    fr: 'Il n’y a rien de nouveau à ancrer.',
    de: 'Es gibt nichts Neues zu verankern.',
  },
  Anchors: { fr: 'Ancrages', de: 'Anker' },
  'Evidence that not even this installation can rewrite': {
    fr: 'Des preuves que même cette installation ne peut réécrire',
    de: 'Nachweise, die auch diese Installation nicht umschreiben kann',
  },
  'Anchor now': { fr: 'Ancrer maintenant', de: 'Jetzt verankern' },
  'Loading anchors': { fr: 'Chargement des ancrages', de: 'Anker werden geladen' },
  'Nobody outside vouches for the chain yet': {
    fr: 'Personne à l’extérieur ne se porte encore garant de la chaîne',
    de: 'Noch bürgt niemand außerhalb für die Kette',
  },
  'Let a second person countersign it, or set a folder on a share or a time-stamping authority (BASTIDE_ANCHOR_FOLDER, BASTIDE_TIMESTAMP_URL).':
    {
      fr: 'Faites-la contresigner par une deuxième personne, ou indiquez un dossier partagé ou une autorité d’horodatage (BASTIDE_ANCHOR_FOLDER, BASTIDE_TIMESTAMP_URL).',
      de: 'Lassen Sie sie von einer zweiten Person gegenzeichnen, oder geben Sie einen Ordner auf einer Freigabe oder einen Zeitstempeldienst an (BASTIDE_ANCHOR_FOLDER, BASTIDE_TIMESTAMP_URL).',
    },
  'Up to record': { fr: 'Jusqu’à l’enregistrement', de: 'Bis Eintrag' },
  Evidence: { fr: 'Preuve', de: 'Nachweis' },
  Kind: { fr: 'Type', de: 'Art' },
  'Kind, e.g. alias.promote': { fr: 'Type, p. ex. alias.promote', de: 'Art, z. B. alias.promote' },
  Actor: { fr: 'Acteur', de: 'Akteur' },
  'Actor id': { fr: 'Identifiant de l’acteur', de: 'Kennung des Akteurs' },
  'From record': { fr: 'À partir du n°', de: 'Ab Eintrag' },
  Find: { fr: 'Chercher', de: 'Suchen' },
  Clear: { fr: 'Effacer', de: 'Leeren' },
  'Who did what, when, with which outcome. Each record is chained to the one before it.': {
    fr: 'Qui a fait quoi, quand, avec quel résultat. Chaque enregistrement est enchaîné au précédent.',
    de: 'Wer was wann getan hat, mit welchem Ergebnis. Jeder Eintrag ist mit dem davor verkettet.',
  },
  Export: { fr: 'Exporter', de: 'Exportieren' },
  Records: { fr: 'Enregistrements', de: 'Einträge' },
  'from record {seq} back': {
    fr: 'depuis l’enregistrement {seq}, en remontant',
    de: 'ab Eintrag {seq} rückwärts',
  },
  'Loading audit records': { fr: 'Chargement des enregistrements', de: 'Einträge werden geladen' },
  'No record matches': { fr: 'Aucun enregistrement ne correspond', de: 'Kein Eintrag passt' },
  'Kinds are written like <code>call</code> or <code>key.create</code>; actors by their id.': {
    fr: 'Les types s’écrivent comme <code>call</code> ou <code>key.create</code> ; les acteurs par leur identifiant.',
    de: 'Arten schreibt man wie <code>call</code> oder <code>key.create</code>, Akteure mit ihrer Kennung.',
  },
  'Show older records': {
    fr: 'Afficher les enregistrements plus anciens',
    de: 'Ältere Einträge anzeigen',
  },
  'Chain of records': { fr: 'Chaîne des enregistrements', de: 'Kette der Einträge' },
  Verify: { fr: 'Vérifier', de: 'Prüfen' },
  'Last record': { fr: 'Dernier enregistrement', de: 'Letzter Eintrag' },
  'Copy last link': { fr: 'Copier le dernier maillon', de: 'Letztes Kettenglied kopieren' },
  'Last signed checkpoint': {
    fr: 'Dernier point de contrôle signé',
    de: 'Letzter signierter Prüfpunkt',
  },
  'Copy key fingerprint': {
    fr: 'Copier l’empreinte de la clé',
    de: 'Fingerabdruck des Schlüssels kopieren',
  },
  'up to {seq}, {ago}': { fr: 'jusqu’à {seq}, {ago}', de: 'bis {seq}, {ago}' },
  'none yet': { fr: 'encore aucun', de: 'noch keiner' },
  'Whoever holds the public key can check an export without trusting this server.': {
    fr: 'Qui détient la clé publique peut vérifier un export sans faire confiance à ce serveur.',
    de: 'Wer den öffentlichen Schlüssel hat, kann einen Export prüfen, ohne diesem Server zu vertrauen.',
  },
  'Copy public key': { fr: 'Copier la clé publique', de: 'Öffentlichen Schlüssel kopieren' },
  'Intact: no record was changed, removed, added or moved.': {
    fr: 'Intacte : aucun enregistrement n’a été modifié, retiré, ajouté ni déplacé.',
    de: 'Unversehrt: Kein Eintrag wurde geändert, entfernt, hinzugefügt oder verschoben.',
  },
  'Broken at record {seq}: {problem}': {
    fr: 'Rompue à l’enregistrement {seq} : {problem}',
    de: 'Gebrochen bei Eintrag {seq}: {problem}',
  },
  'The chain does not hold.': { fr: 'La chaîne ne tient pas.', de: 'Die Kette hält nicht.' },
  '{records, plural, one {# record} other {# records}} and {checkpoints, plural, one {# checkpoint} other {# checkpoints}} checked in {time}':
    {
      fr: '{records, plural, one {# enregistrement} other {# enregistrements}} et {checkpoints, plural, one {# point de contrôle} other {# points de contrôle}} vérifiés en {time}',
      de: '{records, plural, one {# Eintrag} other {# Einträge}} und {checkpoints, plural, one {# Prüfpunkt} other {# Prüfpunkte}} geprüft in {time}',
    },
  'kind of problem: {kind}': { fr: 'type de problème : {kind}', de: 'Art des Problems: {kind}' },
  'ledger entry of this call': {
    fr: 'écriture de cet appel au registre',
    de: 'Buchung dieses Aufrufs',
  },
  'model package': { fr: 'paquet du modèle', de: 'Modellpaket' },
  'countersigned by': { fr: 'contresigné par', de: 'gegengezeichnet von' },
  'time-stamped by': { fr: 'horodaté par', de: 'mit Zeitstempel von' },
  'written to': { fr: 'écrit dans', de: 'geschrieben nach' },
} as const satisfies Translations
