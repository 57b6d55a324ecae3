import type { Translations } from './translations.ts'

/** The frame around the pages, the sign-in page and the command palette. */
export const shell = {
  'Go on in {name}': { fr: 'Continuer dans {name}', de: 'Weiter in {name}' },
  'API reference': { fr: 'Référence de l’API', de: 'API-Referenz' },
  'Sign out': { fr: 'Se déconnecter', de: 'Abmelden' },
  'Go to': { fr: 'Aller à', de: 'Gehe zu' },
  'Page, model or action': { fr: 'Page, modèle ou action', de: 'Seite, Modell oder Aktion' },
  Results: { fr: 'Résultats', de: 'Treffer' },
  'Nothing by that name.': { fr: 'Rien de ce nom.', de: 'Nichts mit diesem Namen.' },
  'model alias playground': { fr: 'modèle alias essais', de: 'modell alias testfeld' },
  'language of the console': { fr: 'langue de la console', de: 'sprache der konsole' },
  'This page failed': { fr: 'Cette page a échoué', de: 'Diese Seite ist fehlgeschlagen' },
  'Go to a page': { fr: 'Aller à une page', de: 'Zu einer Seite gehen' },
  More: { fr: 'Plus', de: 'Mehr' },
  '{role} of {organisation}': { fr: '{role}, {organisation}', de: '{role}, {organisation}' },
  Theme: { fr: 'Thème', de: 'Darstellung' },
  'Skip to content': { fr: 'Aller au contenu', de: 'Zum Inhalt springen' },
  'Loading page': { fr: 'Chargement de la page', de: 'Seite wird geladen' },
  'Go to…': { fr: 'Aller à…', de: 'Gehe zu…' },
  Overview: { fr: 'Aperçu', de: 'Übersicht' },
  'home health live requests queue memory energy power': {
    fr: 'accueil santé direct requêtes attente mémoire énergie puissance',
    de: 'start zustand laufend anfragen warteschlange speicher energie leistung',
  },
  Playground: { fr: 'Essais', de: 'Testfeld' },
  'chat prompt generate json schema try': {
    fr: 'discussion invite générer json schéma essayer',
    de: 'chat prompt erzeugen json schema ausprobieren',
  },
  Documents: { fr: 'Documents', de: 'Dokumente' },
  'ocr read scan pdf image upload text': {
    fr: 'ocr lire numérisation pdf image envoyer texte',
    de: 'ocr lesen scan pdf bild hochladen text',
  },
  Models: { fr: 'Modèles', de: 'Modelle' },
  'packages aliases registry promote rollback licence signature hugging face oci import bundle': {
    fr: 'paquets alias registre promouvoir rétablir licence signature hugging face oci importer archive',
    de: 'pakete aliase register umstellen zurücksetzen lizenz signatur hugging face oci holen bündel',
  },
  Usage: { fr: 'Consommation', de: 'Verbrauch' },
  'cost euros joules tokens ledger limits budget carbon csv': {
    fr: 'coût euros joules jetons registre limites budget carbone csv',
    de: 'kosten euro joule token verbrauchsbuch grenzen budget co2 csv',
  },
  Audit: { fr: 'Audit', de: 'Audit' },
  'log chain verify records export evidence anchors': {
    fr: 'journal chaîne vérifier enregistrements exporter preuve ancrages',
    de: 'protokoll kette prüfen einträge exportieren nachweis anker',
  },
  Egress: { fr: 'Sorties réseau', de: 'Ausgehender Verkehr' },
  'network outside connections allow refuse firewall destinations': {
    fr: 'réseau extérieur connexions autoriser refuser pare-feu destinations',
    de: 'netzwerk außen verbindungen erlauben ablehnen firewall ziele',
  },
  Access: { fr: 'Accès', de: 'Zugriff' },
  'members roles keys sessions sign-in groups scim oidc identity people': {
    fr: 'membres rôles clés sessions connexion groupes scim oidc identité personnes',
    de: 'mitglieder rollen schlüssel sitzungen anmeldung gruppen scim oidc identität personen',
  },
  'retention webhooks backups restore keep delete': {
    fr: 'conservation webhooks sauvegardes restaurer garder supprimer',
    de: 'aufbewahrung webhooks sicherungen wiederherstellen behalten löschen',
  },
  'Chat with': { fr: 'Discuter avec', de: 'Chat mit' },
  'Light theme': { fr: 'Thème clair', de: 'Helle Darstellung' },
  'Dark theme': { fr: 'Thème sombre', de: 'Dunkle Darstellung' },
  'Theme of the system': { fr: 'Thème du système', de: 'Darstellung des Systems' },
  'appearance colour': { fr: 'apparence couleur', de: 'aussehen farbe' },
  'log out leave': { fr: 'quitter sortir', de: 'abmelden verlassen' },
  'Sign in': { fr: 'Se connecter', de: 'Anmelden' },
  'Sign in to Bastide': { fr: 'Se connecter à Bastide', de: 'Bei Bastide anmelden' },
  'The AI stack that stays inside your walls.': {
    fr: 'L’IA complète qui reste dans vos murs.',
    de: 'Die KI-Plattform, die in Ihrem Haus bleibt.',
  },
  'Sign in with {name}': { fr: 'Se connecter avec {name}', de: 'Mit {name} anmelden' },
  'This key is not known, has expired or was revoked.': {
    fr: 'Cette clé est inconnue, a expiré ou a été révoquée.',
    de: 'Dieser Schlüssel ist unbekannt, abgelaufen oder widerrufen.',
  },
  'Where is my key?': { fr: 'Où trouver ma clé ?', de: 'Wo ist mein Schlüssel?' },
  'The first <code>./bastide up</code> printed it, once. Anyone with a shell on the server can make another:':
    {
      fr: 'Le premier <code>./bastide up</code> l’a affichée, une seule fois. Toute personne qui a un terminal sur le serveur peut en créer une autre :',
      de: 'Das erste <code>./bastide up</code> hat ihn einmal ausgegeben. Wer eine Shell auf dem Server hat, kann einen weiteren anlegen:',
    },
  'No such page': { fr: 'Page introuvable', de: 'Seite nicht gefunden' },
  'Nothing lies at this address': {
    fr: 'Rien à cette adresse',
    de: 'Unter dieser Adresse liegt nichts',
  },
  'Go to the overview': { fr: 'Aller à l’aperçu', de: 'Zur Übersicht' },
  'It may have moved, or your role does not include it.': {
    fr: 'Elle a peut-être été déplacée, ou votre rôle n’y donne pas accès.',
    de: 'Sie wurde vielleicht verschoben, oder Ihre Rolle umfasst sie nicht.',
  },
} as const satisfies Translations
