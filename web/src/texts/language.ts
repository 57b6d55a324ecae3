import { useSyncExternalStore } from 'react'

/** The languages of the console, by the names their speakers give them. */
export const languages = { en: 'English', fr: 'Français', de: 'Deutsch' } as const

export type Language = keyof typeof languages

/** How each writes numbers and dates. English here is that of Europe: 31 December, 24 hours. */
const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR', de: 'de-DE' }

const storageKey = 'bastide-language'
const listeners = new Set<() => void>()
let language = stored() ?? preferred()

/** The choice made in this browser; null where there is none, or no storage. */
function stored(): Language | null {
  try {
    return known(localStorage.getItem(storageKey))
  } catch {
    return null
  }
}

/** The first of the browser's languages that the console has. */
function preferred(): Language {
  for (const tag of navigator.languages ?? []) {
    const found = known(tag.slice(0, 2).toLowerCase())
    if (found) return found
  }
  return 'en'
}

function known(name: string | null): Language | null {
  return name !== null && Object.hasOwn(languages, name) ? (name as Language) : null
}

export function setLanguage(next: Language) {
  language = next
  try {
    localStorage.setItem(storageKey, next)
  } catch {
    // Without storage the choice holds until the tab is closed.
  }
  for (const listener of listeners) listener()
}

export const currentLanguage = () => language

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, currentLanguage)
}

/** What is made once per language, such as a formatter, for the language of the moment. */
export function perLanguage<Made>(make: (locale: string) => Made): () => Made {
  const made = new Map<Language, Made>()
  return () => {
    const known = made.get(language)
    if (known !== undefined) return known
    const fresh = make(locales[language])
    made.set(language, fresh)
    return fresh
  }
}
