import type { Translations } from './translations.ts'

/** The audit log. */
export const audit = {
  'Chain of this organisation, {organisation}': {
    fr: 'Chaîne de cette organisation, {organisation}',
    de: 'Kette dieser Organisation, {organisation}',
  },
  'Chain of another organisation than this one: {organisation}': {
    fr: 'Chaîne d’une autre organisation que celle-ci : {organisation}',
    de: 'Kette einer anderen Organisation als dieser: {organisation}',
  },
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
  'By whom': { fr: 'Par qui', de: 'Von wem' },
  'Name or id': { fr: 'Nom ou identifiant', de: 'Name oder Kennung' },
  'To what': { fr: 'Sur quoi', de: 'Woran' },
  'Id, or a kind such as key': {
    fr: 'Identifiant, ou genre comme key',
    de: 'Kennung, oder eine Art wie key',
  },
  'From day': { fr: 'Du', de: 'Vom' },
  'To day': { fr: 'Au', de: 'Bis zum' },
  'Kinds are written like <code>call</code>, <code>key.create</code> or <code>key.*</code>; who and what by name, id or kind. Clear the filter to see all.':
    {
      fr: 'Les genres s’écrivent comme <code>call</code>, <code>key.create</code> ou <code>key.*</code> ; qui et quoi par nom, identifiant ou genre. Effacez le filtre pour tout voir.',
      de: 'Arten schreibt man wie <code>call</code>, <code>key.create</code> oder <code>key.*</code>; wer und woran mit Name, Kennung oder Art. Ohne Filter sehen Sie alle.',
    },
  'Verify in this browser': { fr: 'Vérifier dans ce navigateur', de: 'In diesem Browser prüfen' },
  'every digest and signature is computed here, not by the server': {
    fr: 'chaque empreinte et signature est calculée ici, non par le serveur',
    de: 'jeder Hash und jede Signatur wird hier berechnet, nicht vom Server',
  },
  'Public key you kept elsewhere': {
    fr: 'Clé publique gardée ailleurs',
    de: 'Anderswo aufbewahrter öffentlicher Schlüssel',
  },
  'From your contract or notary file: it proves that nobody exchanged the key. Empty: the key the export names itself.':
    {
      fr: 'De votre contrat ou dossier de notaire : elle prouve que personne n’a échangé la clé. Vide : la clé que l’export nomme lui-même.',
      de: 'Aus Ihrem Vertrag oder der Akte des Notars: Er beweist, dass niemand den Schlüssel ausgetauscht hat. Leer: der Schlüssel, den der Export selbst nennt.',
    },
  'Verify here': { fr: 'Vérifier ici', de: 'Hier prüfen' },
  'Verify an exported file': { fr: 'Vérifier un fichier exporté', de: 'Exportierte Datei prüfen' },
  Verifying: { fr: 'Vérification', de: 'Prüfung läuft' },
  'Signing key': { fr: 'Clé de signature', de: 'Signaturschlüssel' },
  'the one this installation signs with now': {
    fr: 'celle avec laquelle cette installation signe maintenant',
    de: 'der, mit dem diese Installation jetzt signiert',
  },
  'It is the key you gave: the records are those that were signed with it.': {
    fr: 'C’est la clé que vous avez donnée : les enregistrements sont ceux signés avec elle.',
    de: 'Es ist der Schlüssel, den Sie gegeben haben: Die Einträge sind die damit signierten.',
  },
  'The key came with the export: compare its fingerprint with the one you kept, or paste the key.':
    {
      fr: 'La clé est venue avec l’export : comparez son empreinte avec celle que vous avez gardée, ou collez la clé.',
      de: 'Der Schlüssel kam mit dem Export: Vergleichen Sie seinen Fingerabdruck mit dem aufbewahrten, oder fügen Sie den Schlüssel ein.',
    },
  'Countersigned up to record {seq} with the key {fingerprint}.': {
    fr: 'Contresigné jusqu’à l’enregistrement {seq} avec la clé {fingerprint}.',
    de: 'Gegengezeichnet bis Eintrag {seq} mit dem Schlüssel {fingerprint}.',
  },
  '{count, plural, one {# time-stamp was} other {# time-stamps were}} not checked: browsers read no such certificates, ./bastide audit verify does.':
    {
      fr: '{count, plural, one {# horodatage n’a pas été vérifié} other {# horodatages n’ont pas été vérifiés}} : les navigateurs ne lisent pas ces certificats, ./bastide audit verify le fait.',
      de: '{count, plural, one {# Zeitstempel wurde} other {# Zeitstempel wurden}} nicht geprüft: Browser lesen solche Zertifikate nicht, ./bastide audit verify tut es.',
    },
  'Keep<hidden> the evidence at record {seq}</hidden>': {
    fr: 'Garder<hidden> la preuve à l’enregistrement {seq}</hidden>',
    de: 'Sichern<hidden>: Beleg zu Eintrag {seq}</hidden>',
  },
  'This browser knows no Ed25519 signatures. Take a newer one, or ./bastide audit verify.': {
    fr: 'Ce navigateur ne connaît pas les signatures Ed25519. Prenez-en un plus récent, ou ./bastide audit verify.',
    de: 'Dieser Browser kennt keine Ed25519-Signaturen. Nehmen Sie einen neueren, oder ./bastide audit verify.',
  },
  'The public key is neither PEM nor base64 of an Ed25519 key.': {
    fr: 'La clé publique n’est ni le PEM ni le base64 d’une clé Ed25519.',
    de: 'Der öffentliche Schlüssel ist weder PEM noch Base64 eines Ed25519-Schlüssels.',
  },
  'Browsers verify only over https or at localhost. Open the console there, or take ./bastide audit verify.':
    {
      fr: 'Les navigateurs ne vérifient qu’en https ou sur localhost. Ouvrez-y la console, ou prenez ./bastide audit verify.',
      de: 'Browser prüfen nur über https oder auf localhost. Öffnen Sie die Konsole dort, oder nehmen Sie ./bastide audit verify.',
    },
} as const satisfies Translations
