import { useQueryClient } from '@tanstack/react-query'
import { curlOf, type ShownCall } from '../api/curl.ts'
import { t } from '../texts/translate.ts'
import { IconButton } from './button.tsx'
import { writeClipboard } from './copy-button.tsx'
import { Menu, MenuHeading, MenuItem } from './menu.tsx'
import { notify } from './toast.tsx'

/** The calls a page is made of, each to be copied as a command; `more`: those that its parts make on a click. */
export function PageCalls({ more }: { more: readonly ShownCall[] }) {
  return (
    <Menu trigger={<IconButton icon="code" look="secondary" label={t('API calls of this page')} />}>
      <Calls more={more} />
    </Menu>
  )
}

/** What is on the screen is what queries are active; they are looked at when the menu is opened. */
function Calls({ more }: { more: readonly ShownCall[] }) {
  const client = useQueryClient()
  const paths = client
    .getQueryCache()
    .findAll({ type: 'active' })
    .flatMap(({ meta }) => (typeof meta?.path === 'string' ? [meta.path] : []))
  const reads = [...new Set(paths)].sort().map((path) => ({ method: 'GET', path }) as const)
  return (
    <>
      <MenuHeading>{t('Copy as curl')}</MenuHeading>
      {[...reads, ...more].map((call) => (
        <MenuItem key={`${call.method} ${call.path}`} icon="copy" onSelect={() => copy(call)}>
          <code className="max-w-[min(28rem,70vw)] truncate font-mono text-xs">
            {call.method} {call.path}
          </code>
        </MenuItem>
      ))}
    </>
  )
}

async function copy(call: ShownCall) {
  await writeClipboard(curlOf(call, location.origin))
  notify(t('Copied: {call}', { call: `${call.method} ${call.path}` }))
}
