import type { PlainText } from '../texts/catalogue.ts'
import { t } from '../texts/translate.ts'
import { classes } from '../ui/classes.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { setThemeChoice, type ThemeChoice as Theme, useThemeChoice } from './theme.ts'

const themes: { value: Theme; label: PlainText; icon: IconName }[] = [
  { value: 'light', label: 'Light theme', icon: 'sun' },
  { value: 'system', label: 'Theme of the system', icon: 'monitor' },
  { value: 'dark', label: 'Dark theme', icon: 'moon' },
]

export function ThemeChoice() {
  const choice = useThemeChoice()
  return (
    <fieldset className="inline-flex rounded-md border bg-sunken p-0.5">
      <legend className="sr-only">{t('Theme')}</legend>
      {themes.map((theme) => (
        <button
          key={theme.value}
          type="button"
          aria-label={t(theme.label)}
          title={t(theme.label)}
          aria-pressed={choice === theme.value}
          onClick={() => setThemeChoice(theme.value)}
          className={classes(
            'grid h-6 w-7 place-items-center rounded text-ink-3 hover:text-ink',
            'pointer-coarse:h-9 pointer-coarse:w-10',
            choice === theme.value && 'bg-surface text-ink shadow-lift',
          )}
        >
          <Icon name={theme.icon} className="size-3.5!" />
        </button>
      ))}
    </fieldset>
  )
}
