import { curlOf, type ShownCall } from '../api/curl.ts'
import { t } from '../texts/translate.ts'
import { CopyButton } from './copy-button.tsx'

/** Copies the call behind what is shown, as a command for a shell. */
export function CopyCurl({ call }: { call: ShownCall }) {
  return <CopyButton text={() => curlOf(call, location.origin)}>{t('Copy as curl')}</CopyButton>
}
