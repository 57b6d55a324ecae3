import type { Translations } from './translations.ts'

/** The playground. */
export const playground = {
  'What this answer took': {
    fr: 'Ce que cette réponse a demandé',
    de: 'Was diese Antwort gebraucht hat',
  },
  '{in} in ({cached} cached), {out} out': {
    fr: '{in} reçus (dont {cached} en cache), {out} produits',
    de: '{in} Eingabe ({cached} aus Cache), {out} Ausgabe',
  },
  '{in} in, {out} out': { fr: '{in} reçus, {out} produits', de: '{in} Eingabe, {out} Ausgabe' },
  'first token {time}': { fr: 'premier jeton {time}', de: 'erstes Token {time}' },
  'stopped at max tokens': {
    fr: 'arrêtée au nombre maximal de jetons',
    de: 'an der Token-Grenze beendet',
  },
  '{rate} tokens/s': { fr: '{rate} jetons/s', de: '{rate} Token/s' },
  'Use this in your program': {
    fr: 'Utiliser ceci dans votre programme',
    de: 'In Ihrem Programm verwenden',
  },
  'Set <code>BASTIDE_KEY</code> to a key of yours first. Any OpenAI client works with this address.':
    {
      fr: 'Placez d’abord une de vos clés dans <code>BASTIDE_KEY</code>. Tout client OpenAI fonctionne avec cette adresse.',
      de: 'Setzen Sie zuerst <code>BASTIDE_KEY</code> auf einen Ihrer Schlüssel. Jeder OpenAI-Client arbeitet mit dieser Adresse.',
    },
  Message: { fr: 'Message', de: 'Nachricht' },
  'Ask something': { fr: 'Posez une question', de: 'Stellen Sie eine Frage' },
  'Stop (Escape)': { fr: 'Arrêter (Échap)', de: 'Anhalten (Esc)' },
  Send: { fr: 'Envoyer', de: 'Senden' },
  Code: { fr: 'Code', de: 'Code' },
  'New chat': { fr: 'Nouvelle discussion', de: 'Neuer Chat' },
  'The JSON schema: {problem}': {
    fr: 'Le schéma JSON : {problem}',
    de: 'Das JSON-Schema: {problem}',
  },
  Hello: { fr: 'Bonjour', de: 'Hallo' },
  'No model to chat with yet': {
    fr: 'Pas encore de modèle avec qui discuter',
    de: 'Noch kein Modell zum Chatten',
  },
  'Import a language model (GGUF) and give it an alias; it can be used here at once.': {
    fr: 'Importez un modèle de langage (GGUF) et donnez-lui un alias ; il est aussitôt utilisable ici.',
    de: 'Importieren Sie ein Sprachmodell (GGUF) und geben Sie ihm einen Alias; es ist hier sofort verwendbar.',
  },
  'A schema is an object, such as {example}.': {
    fr: 'Un schéma est un objet, comme {example}.',
    de: 'Ein Schema ist ein Objekt, zum Beispiel {example}.',
  },
  'The schema is empty.': { fr: 'Le schéma est vide.', de: 'Das Schema ist leer.' },
  'the end': { fr: 'la fin', de: 'das Ende' },
  'Not JSON: {found} on line {line}, column {column} does not belong there.': {
    fr: 'Pas du JSON : {found} à la ligne {line}, colonne {column}, n’y a pas sa place.',
    de: 'Kein JSON: {found} in Zeile {line}, Spalte {column} gehört dort nicht hin.',
  },
  '{path} must be an object.': {
    fr: '{path} doit être un objet.',
    de: '{path} muss ein Objekt sein.',
  },
  '{path} is nested more than {depth} levels deep.': {
    fr: '{path} est imbriqué sur plus de {depth} niveaux.',
    de: '{path} ist mehr als {depth} Ebenen tief verschachtelt.',
  },
  '{path} is {found}; it can be {types}.': {
    fr: '{path} vaut {found} ; valeurs possibles : {types}.',
    de: '{path} ist {found}; möglich sind {types}.',
  },
  '{path} must be a list of at least one value.': {
    fr: '{path} doit être une liste d’au moins une valeur.',
    de: '{path} muss eine Liste mit mindestens einem Wert sein.',
  },
  '{path} must be a list of property names.': {
    fr: '{path} doit être une liste de noms de propriétés.',
    de: '{path} muss eine Liste von Eigenschaftsnamen sein.',
  },
  '{path} names “{name}”, which is not among the properties.': {
    fr: '{path} nomme « {name} », qui n’est pas parmi les propriétés.',
    de: '{path} nennt „{name}“, das nicht unter den Eigenschaften ist.',
  },
  '{path} must be an object of schemas.': {
    fr: '{path} doit être un objet de schémas.',
    de: '{path} muss ein Objekt aus Schemas sein.',
  },
  '{path} must be a list of schemas.': {
    fr: '{path} doit être une liste de schémas.',
    de: '{path} muss eine Liste von Schemas sein.',
  },
  'System prompt': { fr: 'Instructions système', de: 'System-Prompt' },
  'How the model should behave': {
    fr: 'Comment le modèle doit se comporter',
    de: 'Wie sich das Modell verhalten soll',
  },
  Temperature: { fr: 'Température', de: 'Temperatur' },
  default: { fr: 'auto', de: 'auto' },
  'Max tokens': { fr: 'Jetons max.', de: 'Max. Token' },
  Seed: { fr: 'Graine', de: 'Startwert' },
  random: { fr: 'aléatoire', de: 'zufällig' },
  'Answer in JSON that follows a schema': {
    fr: 'Répondre en JSON selon un schéma',
    de: 'In JSON nach einem Schema antworten',
  },
  'JSON schema': { fr: 'Schéma JSON', de: 'JSON-Schema' },
  'The schema is sound.': { fr: 'Le schéma est correct.', de: 'Das Schema ist in Ordnung.' },
  'Back to the example': { fr: 'Revenir à l’exemple', de: 'Zurück zum Beispiel' },
  'in memory': { fr: 'en mémoire', de: 'im Speicher' },
  'loads on first use': {
    fr: 'chargé à la première utilisation',
    de: 'wird bei der ersten Nutzung geladen',
  },
  'You:': { fr: 'Vous :', de: 'Sie:' },
  'Answer of {model}': { fr: 'Réponse de {model}', de: 'Antwort von {model}' },
  stopped: { fr: 'arrêtée', de: 'angehalten' },
  'is answering': { fr: 'répond', de: 'antwortet' },
  'Copy answer': { fr: 'Copier la réponse', de: 'Antwort kopieren' },
  'not complete JSON': { fr: 'JSON incomplet', de: 'kein vollständiges JSON' },
  'Ask a question below. Each answer shows its time, tokens and energy, and leads to its ledger entry and audit record.':
    {
      fr: 'Posez une question ci-dessous. Chaque réponse indique sa durée, ses jetons et son énergie, et mène à son écriture au registre et à son enregistrement d’audit.',
      de: 'Stellen Sie unten eine Frage. Jede Antwort zeigt Dauer, Token und Energie und führt zu ihrer Buchung und ihrem Audit-Eintrag.',
    },
  Conversation: { fr: 'Discussion', de: 'Unterhaltung' },
} as const satisfies Translations
