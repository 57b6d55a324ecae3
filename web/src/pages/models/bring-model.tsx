import { Link } from 'wouter'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { buttonClasses } from '../../ui/button.tsx'

/** Leads to where models come in; nothing for those who may bring none. */
export function BringModel() {
  if (!usePermission('models:write')) return null
  return (
    <Link href="/models/imports" className={buttonClasses('primary')}>
      {t('Bring a model')}
    </Link>
  )
}
