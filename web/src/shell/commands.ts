import { useLocation } from 'wouter'
import { chatModels, useModels } from '../api/models.ts'
import { useSession, useSignOut } from '../api/session.ts'
import type { Page } from '../navigation.ts'
import type { PlainText } from '../texts/catalogue.ts'
import { type Language, languages, setLanguage } from '../texts/language.ts'
import { t } from '../texts/translate.ts'
import type { IconName } from '../ui/icon.tsx'
import { setThemeChoice } from './theme.ts'

/** One thing the command palette can do. */
export interface Command {
  id: string
  group: 'Pages' | 'Chat with' | 'Actions'
  label: string
  icon: IconName
  keywords: string
  run: () => void
}

export function useCommands(pages: readonly Page[]): Command[] {
  const [, navigate] = useLocation()
  const signOut = useSignOut()
  const permissions = useSession().data?.permissions ?? []
  const mayChat = permissions.includes('inference:use')
  const { data: models = [] } = useModels()
  const go = (path: string) => () => navigate(path)
  const action = (
    label: PlainText,
    icon: IconName,
    keywords: PlainText,
    run: () => void,
  ): Command => ({
    id: label.replaceAll(/\W+/g, '-'),
    group: 'Actions',
    label: t(label),
    icon,
    keywords: inBoth(keywords),
    run,
  })
  return [
    ...pages.flatMap((page) => [
      {
        id: page.label,
        group: 'Pages' as const,
        label: t(page.label),
        icon: page.icon,
        keywords: `${page.label} ${inBoth(page.keywords)}`,
        run: go(page.path),
      },
      ...(page.parts ?? [])
        .filter(({ permission }) => !permission || permissions.includes(permission))
        .map(({ path, label }) => ({
          id: path.replaceAll(/\W+/g, '-'),
          group: 'Pages' as const,
          label: `${t(page.label)}: ${t(label)}`,
          icon: page.icon,
          keywords: `${page.label} ${label}`,
          run: go(path),
        })),
    ]),
    ...(mayChat ? chatModels(models) : []).map((model) => ({
      id: `chat-${model.id.replaceAll(/\W+/g, '-')}`,
      group: 'Chat with' as const,
      label: model.id,
      icon: 'playground' as const,
      keywords: inBoth('model alias playground'),
      run: go(`/playground?model=${encodeURIComponent(model.id)}`),
    })),
    action('Light theme', 'sun', 'appearance colour', () => setThemeChoice('light')),
    action('Dark theme', 'moon', 'appearance colour', () => setThemeChoice('dark')),
    action('Theme of the system', 'monitor', 'appearance colour', () => setThemeChoice('system')),
    ...Object.entries(languages).map(([language, name]) => ({
      id: `language-${language}`,
      group: 'Actions' as const,
      label: name,
      icon: 'language' as const,
      keywords: inBoth('language of the console'),
      run: () => setLanguage(language as Language),
    })),
    action('Sign out', 'sign-out', 'log out leave', () => signOut.mutate()),
  ]
}

/** English words find a page in every language: they are those of the documentation. */
const inBoth = (keywords: PlainText) => `${keywords} ${t(keywords)}`

/** Small letters without accents, as people type them in a hurry. */
const plain = (text: string) => text.toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '')

/** Every word must be found; those whose label says the text come first within a group. */
export function searchCommands(commands: Command[], text: string): Command[] {
  const words = plain(text).split(/\s+/).filter(Boolean)
  const matches = commands.filter((command) => {
    const content = plain(`${command.label} ${command.keywords}`)
    return words.every((word) => content.includes(word))
  })
  const first = words[0]
  if (!first) return matches
  /** A label that begins with the text, one with a word that does, one that is found by its keywords. */
  const rank = ({ label }: Command) => {
    const at = ` ${plain(label)}`.indexOf(` ${first}`)
    return at === 0 ? 0 : at > 0 ? 1 : 2
  }
  const best = matches.toSorted((a, b) => rank(a) - rank(b))
  // Groups stay together, in the order of their best match.
  const groups = [...new Set(best.map(({ group }) => group))]
  return groups.flatMap((group) => best.filter((command) => command.group === group))
}
