import type { Translations } from './translations.ts'

/** Models: fetching them, bundles, quarantine, and what may be loaded. */
export const imports = {
  'Fetch a model': { fr: 'Récupérer un modèle', de: 'Ein Modell holen' },
  'The server downloads it, checks it against its digest, and keeps it. Nothing of yours is sent.':
    {
      fr: 'Le serveur le télécharge, le vérifie par son empreinte et le garde. Rien de ce qui est à vous n’est envoyé.',
      de: 'Der Server lädt es herunter, prüft es gegen seinen Hash und behält es. Nichts von Ihnen wird gesendet.',
    },
  Fetch: { fr: 'Récupérer', de: 'Holen' },
  'Where from': { fr: 'Provenance', de: 'Woher' },
  'OCI registry': { fr: 'Registre OCI', de: 'OCI-Registry' },
  'The server is fetching it. It goes on when you close this page.': {
    fr: 'Le serveur le récupère, même si vous fermez cette page.',
    de: 'Der Server holt es, auch wenn Sie diese Seite schließen.',
  },
  'as its format says': { fr: 'selon son format', de: 'wie sein Format es sagt' },
  'generate text': { fr: 'produire du texte', de: 'Text erzeugen' },
  'embed text': { fr: 'vectoriser du texte', de: 'Text einbetten' },
  'tensors in, tensors out': {
    fr: 'tenseurs en entrée et en sortie',
    de: 'Tensoren hinein und heraus',
  },
  'Alias (optional)': { fr: 'Alias (facultatif)', de: 'Alias (optional)' },
  'The name programs call it by. An alias that exists moves to this model.': {
    fr: 'Le nom par lequel les programmes l’appellent. Un alias existant passe à ce modèle.',
    de: 'Der Name, unter dem Programme es aufrufen. Ein vorhandener Alias geht auf dieses Modell über.',
  },
  'What you know of it': { fr: 'Ce que vous en savez', de: 'Was Sie darüber wissen' },
  'Country of origin': { fr: 'Pays d’origine', de: 'Herkunftsland' },
  'Two letters; sources do not say it.': {
    fr: 'Deux lettres ; les sources ne le disent pas.',
    de: 'Zwei Buchstaben; Quellen nennen es nicht.',
  },
  Maker: { fr: 'Auteur', de: 'Hersteller' },
  'Mirror, token and digest': { fr: 'Miroir, jeton et empreinte', de: 'Spiegel, Token und Hash' },
  'Server to ask instead': {
    fr: 'Serveur à interroger à la place',
    de: 'Stattdessen zu fragender Server',
  },
  'A mirror of the house that answers as the source does.': {
    fr: 'Un miroir de la maison qui répond comme la source.',
    de: 'Ein Spiegel des Hauses, der wie die Quelle antwortet.',
  },
  'Name of a stored secret': {
    fr: 'Nom d’un secret enregistré',
    de: 'Name eines hinterlegten Geheimnisses',
  },
  'A token, or user:password for a registry. Store it with “Store a secret”.': {
    fr: 'Un jeton, ou utilisateur:mot de passe pour un registre. Enregistrez-le avec « Enregistrer un secret ».',
    de: 'Ein Token, oder Benutzer:Passwort für eine Registry. Hinterlegen Sie es mit „Geheimnis hinterlegen“.',
  },
  'SHA-256 it must have': { fr: 'SHA-256 qu’il doit avoir', de: 'SHA-256, den es haben muss' },
  'If you know it from elsewhere: nothing else is taken.': {
    fr: 'Si vous le connaissez d’ailleurs : rien d’autre n’est accepté.',
    de: 'Wenn Sie ihn von anderswo kennen: Nichts anderes wird angenommen.',
  },
  Repository: { fr: 'Dépôt', de: 'Repository' },
  'Registry and name': { fr: 'Registre et nom', de: 'Registry und Name' },
  File: { fr: 'Fichier', de: 'Datei' },
  'Needed where the repository holds several; the answer then lists them.': {
    fr: 'Nécessaire quand le dépôt en contient plusieurs ; la réponse les énumère alors.',
    de: 'Nötig, wenn das Repository mehrere enthält; die Antwort zählt sie dann auf.',
  },
  Revision: { fr: 'Révision', de: 'Revision' },
  'Tag or digest': { fr: 'Étiquette ou empreinte', de: 'Tag oder Hash' },
  'Branch, tag or commit.': { fr: 'Branche, étiquette ou commit.', de: 'Branch, Tag oder Commit.' },
  'A digest begins with sha256:': {
    fr: 'Une empreinte commence par sha256:',
    de: 'Ein Hash beginnt mit sha256:',
  },
  'No egress rule lets the server reach <code>{host}</code>, nor where it sends downloads.': {
    fr: 'Aucune règle de sortie ne laisse le serveur joindre <code>{host}</code>, ni là où il envoie les téléchargements.',
    de: 'Keine Regel für ausgehenden Verkehr lässt den Server <code>{host}</code> erreichen, noch wohin er Downloads schickt.',
  },
  'Allow it under Egress': {
    fr: 'L’autoriser dans les sorties réseau',
    de: 'Unter „Ausgehender Verkehr“ erlauben',
  },
  Imports: { fr: 'Importations', de: 'Importe' },
  'from Hugging Face and OCI registries, newest first': {
    fr: 'de Hugging Face et de registres OCI, les plus récentes d’abord',
    de: 'von Hugging Face und OCI-Registries, neueste zuerst',
  },
  'Store a secret': { fr: 'Enregistrer un secret', de: 'Geheimnis hinterlegen' },
  Store: { fr: 'Enregistrer', de: 'Hinterlegen' },
  Secret: { fr: 'Secret', de: 'Geheimnis' },
  'Small letters, digits and hyphens.': {
    fr: 'Lettres minuscules, chiffres et traits d’union.',
    de: 'Kleinbuchstaben, Ziffern und Bindestriche.',
  },
  'A token for a source or a remote model. It is sealed here and cannot be shown again; the same name replaces it.':
    {
      fr: 'Un jeton pour une source ou un modèle distant. Il est scellé ici et ne peut plus être montré ; le même nom le remplace.',
      de: 'Ein Token für eine Quelle oder ein entferntes Modell. Es wird hier versiegelt und kann nicht wieder gezeigt werden; derselbe Name ersetzt es.',
    },
  'The secret “{name}” is kept. Nobody can read it back.': {
    fr: 'Le secret « {name} » est gardé. Personne ne peut le relire.',
    de: 'Das Geheimnis „{name}“ ist hinterlegt. Niemand kann es wieder lesen.',
  },
  'Loading imports': { fr: 'Chargement des importations', de: 'Importe werden geladen' },
  'Nothing has been fetched yet': {
    fr: 'Rien n’a encore été récupéré',
    de: 'Noch nichts geholt',
  },
  'The server fetches models by itself, with a digest for every byte, once its egress rules let it.':
    {
      fr: 'Le serveur récupère lui-même les modèles, chaque octet couvert par une empreinte, dès que ses règles de sortie le permettent.',
      de: 'Der Server holt Modelle selbst, jedes Byte durch einen Hash gedeckt, sobald die Regeln für ausgehenden Verkehr es zulassen.',
    },
  'as {alias}': { fr: 'sous {alias}', de: 'als {alias}' },
  'Fetching {source}': { fr: 'Récupération de {source}', de: '{source} wird geholt' },
  'Look at it in quarantine': { fr: 'Le voir en quarantaine', de: 'In der Quarantäne ansehen' },
  Bundle: { fr: 'Archive', de: 'Bündel' },
  'models in one signed file, from an installation elsewhere': {
    fr: 'des modèles dans un fichier signé, d’une installation ailleurs',
    de: 'Modelle in einer signierten Datei, von einer Installation anderswo',
  },
  'Choose a bundle': { fr: 'Choisir une archive', de: 'Ein Bündel wählen' },
  'Its signature is checked first, then every file against its hash. A package page makes bundles.':
    {
      fr: 'Sa signature est vérifiée d’abord, puis chaque fichier par son empreinte. La page d’un paquet fait des archives.',
      de: 'Zuerst wird seine Signatur geprüft, dann jede Datei gegen ihren Hash. Die Seite eines Pakets macht Bündel.',
    },
  Importing: { fr: 'Importation', de: 'Import läuft' },
  Exporting: { fr: 'Exportation', de: 'Export läuft' },
  'Signed by {who} ({fingerprint}).': {
    fr: 'Signé par {who} ({fingerprint}).',
    de: 'Signiert von {who} ({fingerprint}).',
  },
  Quarantine: { fr: 'Quarantaine', de: 'Quarantäne' },
  'out of every engine’s reach': {
    fr: 'hors de portée de tout moteur',
    de: 'außer Reichweite jeder Engine',
  },
  'Loading the quarantine': { fr: 'Chargement de la quarantaine', de: 'Quarantäne wird geladen' },
  'No model file has failed a check': {
    fr: 'Aucun fichier de modèle n’a échoué à un contrôle',
    de: 'Keine Modelldatei ist bei einer Prüfung durchgefallen',
  },
  'A file that is not what its source named, whose header is unsound, or that was changed on disk is set aside here.':
    {
      fr: 'Un fichier qui n’est pas ce que sa source annonçait, dont l’en-tête est incorrect ou qui a été modifié sur le disque est mis de côté ici.',
      de: 'Eine Datei, die nicht ist, was ihre Quelle nannte, deren Kopf nicht stimmt oder die auf der Platte verändert wurde, wird hier beiseitegelegt.',
    },
  'Look into why, and tell whoever made the file. What is in quarantine is never let out: remove it, and fetch the right file again.':
    {
      fr: 'Cherchez pourquoi, et prévenez l’auteur du fichier. Rien ne sort de la quarantaine : retirez-le et récupérez le bon fichier.',
      de: 'Gehen Sie dem nach und sagen Sie es dem Hersteller der Datei. Aus der Quarantäne kommt nichts heraus: Entfernen Sie sie und holen Sie die richtige Datei neu.',
    },
  'from {source}': { fr: 'de {source}', de: 'von {source}' },
  'Remove {name} for good': {
    fr: 'Retirer {name} définitivement',
    de: '{name} endgültig entfernen',
  },
  '{name} is removed.': { fr: '{name} est retiré.', de: '{name} ist entfernt.' },
  'The file is deleted. Keep a copy first if somebody should examine it; its digest and the reason stay in the audit log.':
    {
      fr: 'Le fichier est supprimé. Gardez-en d’abord une copie si quelqu’un doit l’examiner ; son empreinte et la raison restent au journal d’audit.',
      de: 'Die Datei wird gelöscht. Sichern Sie vorher eine Kopie, wenn jemand sie untersuchen soll; ihr Hash und der Grund bleiben im Audit-Protokoll.',
    },
  'any model, also one that nobody has signed': {
    fr: 'tout modèle, même signé par personne',
    de: 'jedes Modell, auch ein von niemandem signiertes',
  },
  'only models signed with the key of this house': {
    fr: 'seulement les modèles signés avec la clé de cette maison',
    de: 'nur Modelle, die mit dem Schlüssel dieses Hauses signiert sind',
  },
  'only models that a listed signer has signed': {
    fr: 'seulement les modèles signés par un signataire inscrit',
    de: 'nur Modelle, die ein eingetragener Unterzeichner signiert hat',
  },
  'What may be loaded': { fr: 'Ce qui peut être chargé', de: 'Was geladen werden darf' },
  'checked at every load': { fr: 'vérifié à chaque chargement', de: 'bei jedem Laden geprüft' },
  'Loading the rules': {
    fr: 'Chargement des règles du serveur',
    de: 'Regeln des Servers werden geladen',
  },
  Signatures: { fr: 'Signatures', de: 'Signaturen' },
  Licences: { fr: 'Licences', de: 'Lizenzen' },
  'Countries of origin': { fr: 'Pays d’origine admis', de: 'Herkunftsländer' },
  Formats: { fr: 'Formats', de: 'Formate' },
  'Set in the environment of the server, by whoever runs it: a restart applies a change. What a rule forbids stays in the list, with the reason.':
    {
      fr: 'Fixé dans l’environnement du serveur par qui l’exploite : un redémarrage applique un changement. Ce qu’une règle interdit reste dans la liste, avec la raison.',
      de: 'In der Umgebung des Servers gesetzt, von dem, der ihn betreibt: Ein Neustart wendet eine Änderung an. Was eine Regel verbietet, bleibt in der Liste, mit dem Grund.',
    },
  any: { fr: 'tous', de: 'alle erlaubt' },
  Signers: { fr: 'Signataires', de: 'Unterzeichner' },
  'whose signatures count': { fr: 'dont les signatures comptent', de: 'deren Signaturen zählen' },
  'List a signer': { fr: 'Inscrire un signataire', de: 'Einen Unterzeichner eintragen' },
  'Loading signers': { fr: 'Chargement des signataires', de: 'Unterzeichner werden geladen' },
  Fingerprint: { fr: 'Empreinte', de: 'Fingerabdruck' },
  'Signatures with the key {fingerprint} count from now on.': {
    fr: 'Les signatures avec la clé {fingerprint} comptent désormais.',
    de: 'Signaturen mit dem Schlüssel {fingerprint} zählen von jetzt an.',
  },
  'Compare the key’s fingerprint with its owner first, by another way than this one.': {
    fr: 'Comparez d’abord l’empreinte de la clé avec son propriétaire, par une autre voie que celle-ci.',
    de: 'Vergleichen Sie den Fingerabdruck des Schlüssels vorher mit seinem Besitzer, auf einem anderen Weg als diesem.',
  },
  'Public key': { fr: 'Clé publique', de: 'Öffentlicher Schlüssel' },
  'Ed25519, as PEM or as base64.': {
    fr: 'Ed25519, en PEM ou en base64.',
    de: 'Ed25519, als PEM oder als Base64.',
  },
  Sign: { fr: 'Signer', de: 'Signieren' },
  '{name} is signed with the key of this house.': {
    fr: '{name} est signé avec la clé de cette maison.',
    de: '{name} ist mit dem Schlüssel dieses Hauses signiert.',
  },
  'Give it an alias': { fr: 'Lui donner un alias', de: 'Einen Alias geben' },
  'Export as a bundle': { fr: 'Exporter en archive', de: 'Als Bündel exportieren' },
  Unload: { fr: 'Décharger', de: 'Aus dem Speicher nehmen' },
  '{name} is out of memory; the next call loads it.': {
    fr: '{name} est déchargé ; le prochain appel le charge.',
    de: '{name} ist nicht mehr im Speicher; der nächste Aufruf lädt es.',
  },
  'Aliases still point at it: {aliases}. Move them to another package first.': {
    fr: 'Des alias y mènent encore : {aliases}. Déplacez-les d’abord vers un autre paquet.',
    de: 'Noch zeigen Aliase darauf: {aliases}. Stellen Sie sie zuerst auf ein anderes Paket um.',
  },
  'Its files are deleted where no other package needs them. The history and the audit log keep its name.':
    {
      fr: 'Ses fichiers sont supprimés si aucun autre paquet n’en a besoin. L’historique et le journal d’audit gardent son nom.',
      de: 'Seine Dateien werden gelöscht, wenn kein anderes Paket sie braucht. Verlauf und Audit-Protokoll behalten seinen Namen.',
    },
  Rules: { fr: 'Règles', de: 'Regelwerk' },
  'Upload a model file': { fr: 'Envoyer un fichier de modèle', de: 'Eine Modelldatei hochladen' },
  'One .gguf or .onnx file of this machine. Its header is checked before it is kept.': {
    fr: 'Un fichier .gguf ou .onnx de cette machine. Son en-tête est vérifié avant qu’il soit gardé.',
    de: 'Eine .gguf- oder .onnx-Datei dieses Rechners. Ihr Kopf wird geprüft, bevor sie behalten wird.',
  },
  Upload: { fr: 'Envoyer le fichier', de: 'Hochladen' },
  Uploading: { fr: 'Envoi', de: 'Wird hochgeladen' },
  '{name} is here. Call it as {alias}.': {
    fr: '{name} est là. Appelez-le {alias}.',
    de: '{name} ist da. Aufzurufen als {alias}.',
  },
} as const satisfies Translations
