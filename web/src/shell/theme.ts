import { useSyncExternalStore } from 'react'

/** The reader's choice of theme. `public/theme.js` applies it before the first paint. */
export type ThemeChoice = 'system' | 'light' | 'dark'

const storageKey = 'bastide-theme'
const listeners = new Set<() => void>()
const systemDark = matchMedia('(prefers-color-scheme: dark)')

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey)
    return stored === 'light' || stored === 'dark' ? stored : 'system'
  } catch {
    return 'system'
  }
}

let choice = read()

function apply() {
  const dark = choice === 'dark' || (choice === 'system' && systemDark.matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

systemDark.addEventListener('change', apply)

export function setThemeChoice(next: ThemeChoice) {
  choice = next
  try {
    localStorage.setItem(storageKey, next)
  } catch {
    // Without storage the choice holds until the tab is closed.
  }
  apply()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice)
}

/** The theme on screen; plots on a canvas must be drawn anew when it changes. */
export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () =>
    document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light',
  )
}
