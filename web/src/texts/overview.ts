import type { Translations } from './translations.ts'

/** The overview. */
export const overview = {
  'All {count} parts healthy': {
    fr: 'Les {count} composants fonctionnent',
    de: 'Alle {count} Teile in Ordnung',
  },
  'All parts': { fr: 'Tous les composants', de: 'Alle Teile' },
  'v{version}, up {time}': {
    fr: 'v{version}, en marche depuis {time}',
    de: 'v{version}, läuft seit {time}',
  },
  'Live requests': { fr: 'Requêtes en direct', de: 'Laufende Anfragen' },
  '{running} running · {waiting} waiting': {
    fr: '{running} en cours · {waiting} en attente',
    de: '{running} laufen · {waiting} warten',
  },
  'Nothing is running': { fr: 'Rien n’est en cours', de: 'Zurzeit läuft nichts' },
  'Requests show here while they wait and run. Any OpenAI or Mistral client works:': {
    fr: 'Les requêtes s’affichent ici pendant qu’elles attendent et s’exécutent. Tout client OpenAI ou Mistral convient :',
    de: 'Anfragen erscheinen hier, während sie warten und laufen. Jeder Client für OpenAI oder Mistral funktioniert:',
  },
  'Models in memory': { fr: 'Modèles en mémoire', de: 'Modelle im Speicher' },
  'Memory of loaded models': {
    fr: 'Mémoire des modèles chargés',
    de: 'Speicher der geladenen Modelle',
  },
  'No model is loaded. The first request for a model loads it.': {
    fr: 'Aucun modèle n’est chargé. La première requête à un modèle le charge.',
    de: 'Kein Modell ist geladen. Die erste Anfrage an ein Modell lädt es.',
  },
  'used {ago}': { fr: 'utilisé {ago}', de: 'benutzt {ago}' },
  '{count} running': { fr: '{count} en cours', de: '{count} laufen' },
  'The program itself uses {bytes}.': {
    fr: 'Le programme lui-même utilise {bytes}.',
    de: 'Das Programm selbst belegt {bytes}.',
  },
  'What runs now, and what today has cost.': {
    fr: 'Ce qui est en cours, et ce qu’a coûté la journée.',
    de: 'Was gerade läuft und was der heutige Tag gekostet hat.',
  },
  'Loading the overview': { fr: 'Chargement de l’aperçu', de: 'Übersicht wird geladen' },
  '{count} completed in the last minute': {
    fr: '{count} terminées dans la dernière minute',
    de: '{count} in der letzten Minute abgeschlossen',
  },
  'Last hour': { fr: 'Dernière heure', de: 'Letzte Stunde' },
  'Requests per minute': { fr: 'Requêtes par minute', de: 'Anfragen pro Minute' },
  'Energy per minute': { fr: 'Énergie par minute', de: 'Energie pro Minute' },
  '95 % of requests take at most': {
    fr: '95 % durent au plus',
    de: '95 % dauern höchstens',
  },
  Today: { fr: 'Aujourd’hui', de: 'Heute' },
  'Running now': { fr: 'En cours', de: 'Gerade in Arbeit' },
  'none waiting': { fr: 'aucune en attente', de: 'keine wartet' },
  '{count} waiting': { fr: '{count} en attente', de: '{count} warten' },
  'Requests today': { fr: 'Requêtes du jour', de: 'Anfragen heute' },
  'Tokens today': { fr: 'Jetons du jour', de: 'Token heute' },
  '{out} out · {cached} cached': {
    fr: '{out} produits · {cached} en cache',
    de: '{out} Ausgabe · {cached} aus Cache',
  },
  'Pages read today': { fr: 'Pages lues ce jour', de: 'Seiten gelesen heute' },
  documents: { fr: 'documents', de: 'Dokumente' },
  'Energy today': { fr: 'Énergie du jour', de: 'Energie heute' },
  'Cost today': { fr: 'Coût du jour', de: 'Kosten heute' },
  'First steps': { fr: 'Premiers pas', de: 'Erste Schritte' },
  '{done} of {all} done': { fr: '{done} sur {all} faits', de: '{done} von {all} erledigt' },
  'Do not show the first steps again': {
    fr: 'Ne plus montrer les premiers pas',
    de: 'Die ersten Schritte nicht mehr zeigen',
  },
  'Bring a model': { fr: 'Apporter un modèle', de: 'Ein Modell bringen' },
  'From Hugging Face, a registry, a bundle, or a file of yours.': {
    fr: 'De Hugging Face, d’un registre, d’une archive ou d’un fichier à vous.',
    de: 'Von Hugging Face, einer Registry, als Bündel oder aus einer eigenen Datei.',
  },
  'One for each program: the first owner key is for you alone.': {
    fr: 'Une par programme : la première clé de propriétaire n’est que pour vous.',
    de: 'Einen für jedes Programm: Der erste Eigentümerschlüssel ist nur für Sie.',
  },
  'Make a first call': { fr: 'Faire un premier appel', de: 'Einen ersten Aufruf machen' },
  'In the playground, or from any OpenAI client.': {
    fr: 'Dans les essais, ou depuis tout client OpenAI.',
    de: 'Im Testfeld oder mit jedem OpenAI-Client.',
  },
  'Let people sign in': { fr: 'Laisser les gens se connecter', de: 'Menschen anmelden lassen' },
  'With the directory of the house, over OpenID Connect.': {
    fr: 'Avec l’annuaire de la maison, par OpenID Connect.',
    de: 'Mit dem Verzeichnis des Hauses, über OpenID Connect.',
  },
  'Make a backup': { fr: 'Faire une sauvegarde', de: 'Eine Sicherung machen' },
  'And keep the master key apart from it.': {
    fr: 'Et garder la clé maîtresse à part.',
    de: 'Und den Hauptschlüssel getrennt davon aufbewahren.',
  },
} as const satisfies Translations
