import { type Language, languages, setLanguage, useLanguage } from '../texts/language.ts'
import { t } from '../texts/translate.ts'
import { Choice } from '../ui/choice.tsx'
import { MenuChoice } from '../ui/menu.tsx'

const options = Object.entries(languages).map(([value, label]) => ({
  value: value as Language,
  label,
  language: value,
}))

/** The language of the console, each by its own name. */
export function LanguageChoice() {
  return (
    <Choice label={t('Language')} value={useLanguage()} options={options} onChange={setLanguage} />
  )
}

/** The same, as a part of a menu. */
export function LanguageMenu() {
  return (
    <MenuChoice
      label={t('Language')}
      value={useLanguage()}
      options={options}
      onChange={setLanguage}
    />
  )
}
