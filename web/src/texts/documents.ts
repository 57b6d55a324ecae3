import type { Translations } from './translations.ts'

/** Documents. */
export const documents = {
  Document: { fr: 'Document', de: 'Dokument' },
  'read in {time}': { fr: 'lu en {time}', de: 'gelesen in {time}' },
  'Reading {name}': { fr: 'Lecture de {name}', de: '{name} wird gelesen' },
  'Waiting for a free reader': {
    fr: 'En attente d’un lecteur libre',
    de: 'Wartet auf einen freien Leser',
  },
  'Opening the file': { fr: 'Ouverture du fichier', de: 'Datei wird geöffnet' },
  'Reading page {page} of {count}': {
    fr: 'Lecture de la page {page} sur {count}',
    de: 'Seite {page} von {count} wird gelesen',
  },
  Download: { fr: 'Télécharger', de: 'Herunterladen' },
  'Plain text': { fr: 'Texte brut', de: 'Reiner Text' },
  'JSON with words and boxes': {
    fr: 'JSON avec mots et cadres',
    de: 'JSON mit Wörtern und Rahmen',
  },
  'Scans, photos and PDFs become text with the place and the certainty of every word.': {
    fr: 'Numérisations, photos et PDF deviennent du texte, avec la place et la certitude de chaque mot.',
    de: 'Scans, Fotos und PDFs werden zu Text, mit Ort und Sicherheit jedes Wortes.',
  },
  'All documents': { fr: 'Tous les documents', de: 'Alle Dokumente' },
  'Loading documents': { fr: 'Chargement des documents', de: 'Dokumente werden geladen' },
  'Show older documents': {
    fr: 'Afficher les documents plus anciens',
    de: 'Ältere Dokumente anzeigen',
  },
  'No document yet': { fr: 'Pas encore de document', de: 'Noch kein Dokument' },
  'Drop a file above, or send one from a program:': {
    fr: 'Déposez un fichier ci-dessus, ou envoyez-en un depuis un programme :',
    de: 'Legen Sie oben eine Datei ab oder senden Sie eine aus einem Programm:',
  },
  'Mean certainty of its words': {
    fr: 'Certitude moyenne de ses mots',
    de: 'Mittlere Sicherheit seiner Wörter',
  },
  '{share} sure': { fr: 'sûr à {share}', de: '{share} sicher' },
  waiting: { fr: 'en attente', de: 'wartet' },
  'Download Markdown': { fr: 'Télécharger en Markdown', de: 'Markdown herunterladen' },
  'Download text': { fr: 'Télécharger le texte', de: 'Text herunterladen' },
  'Download JSON with words': {
    fr: 'Télécharger en JSON avec les mots',
    de: 'JSON mit Wörtern herunterladen',
  },
  '“{name}” is deleted.': { fr: '« {name} » est supprimé.', de: '„{name}“ ist gelöscht.' },
  Delete: { fr: 'Supprimer', de: 'Löschen' },
  '≈ {time} left': { fr: 'encore ≈ {time}', de: 'noch ≈ {time}' },
  'Words to check': { fr: 'Mots à vérifier', de: 'Zu prüfende Wörter' },
  Previous: { fr: 'Précédent', de: 'Zurück' },
  Next: { fr: 'Suivant', de: 'Weiter' },
  'and {count} more, with n and p': {
    fr: 'et {count} autres, avec n et p',
    de: 'und {count} weitere, mit n und p',
  },
  'below {share}': { fr: 'sous {share}', de: 'unter {share}' },
  'no line: surer than that': {
    fr: 'sans trait : plus sûr que cela',
    de: 'ohne Linie: sicherer als das',
  },
  'Choose files': { fr: 'Choisissez des fichiers', de: 'Dateien wählen' },
  'or drop them anywhere on this page': {
    fr: 'ou déposez-les n’importe où sur cette page',
    de: 'oder irgendwo auf dieser Seite ablegen',
  },
  'Page image': { fr: 'Image de la page', de: 'Bild der Seite' },
  'Scan of page {page}; its words are in the text beside it': {
    fr: 'Numérisation de la page {page} ; ses mots sont dans le texte à côté',
    de: 'Scan der Seite {page}; ihre Wörter stehen im Text daneben',
  },
  'Point at a word to find it in the text.': {
    fr: 'Pointez un mot pour le trouver dans le texte.',
    de: 'Zeigen Sie auf ein Wort, um es im Text zu finden.',
  },
  Smaller: { fr: 'Plus petit', de: 'Kleiner' },
  Larger: { fr: 'Plus grand', de: 'Größer' },
  'There is no text on this page.': {
    fr: 'Il n’y a pas de texte sur cette page.',
    de: 'Auf dieser Seite steht kein Text.',
  },
  Words: { fr: 'Mots', de: 'Wörter' },
  Layout: { fr: 'Mise en page', de: 'Layout' },
  'Page {page}': { fr: 'Page {page}', de: 'Seite {page}' },
  Text: { fr: 'Texte', de: 'Text' },
  'Mean certainty of the words': {
    fr: 'Certitude moyenne des mots',
    de: 'Mittlere Sicherheit der Wörter',
  },
  'Form of the text': { fr: 'Forme du texte', de: 'Form des Textes' },
  'Pages of the document': { fr: 'Pages du document', de: 'Seiten des Dokuments' },
  'Previous page': { fr: 'Page précédente', de: 'Vorige Seite' },
  'Next page': { fr: 'Page suivante', de: 'Nächste Seite' },
  'On the way': { fr: 'En chemin', de: 'Unterwegs' },
  'Stop the upload of {name}': {
    fr: 'Arrêter l’envoi de {name}',
    de: 'Hochladen von {name} anhalten',
  },
  'Upload of {name}': { fr: 'Envoi de {name}', de: 'Hochladen von {name}' },
  'text of the file itself': { fr: 'texte du fichier lui-même', de: 'Text der Datei selbst' },
  'recognised from the image': { fr: 'reconnu dans l’image', de: 'im Bild erkannt' },
  'blank page': { fr: 'page vide', de: 'leere Seite' },
} as const satisfies Translations
