import { Link } from 'wouter'
import { useEgressRules } from '../../api/egress.ts'
import { usePermission } from '../../api/session.ts'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { TextField } from '../../ui/field.tsx'
import { hostOf, type SourceParts, sourceText } from './import-source.ts'

/** Where a model is, part by part, with the one text that it makes and what stands in its way. */
export function SourceFields({
  source,
  onChange,
}: {
  source: SourceParts
  onChange: (source: SourceParts) => void
}) {
  const isHub = source.kind === 'hf'
  const field = (name: 'place' | 'file' | 'revision') => ({
    value: source[name],
    onChange: (event: { target: { value: string } }) =>
      onChange({ ...source, [name]: event.target.value }),
  })
  return (
    <>
      <TextField
        label={isHub ? t('Repository') : t('Registry and name')}
        placeholder={isHub ? 'mistralai/Ministral-3B-GGUF' : 'registry.house.example/models/chat'}
        required
        maxLength={500}
        {...field('place')}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        {isHub && (
          <TextField
            label={t('File')}
            placeholder="model-q4_k_m.gguf"
            hint={t('Needed where the repository holds several; the answer then lists them.')}
            maxLength={300}
            {...field('file')}
          />
        )}
        <TextField
          label={isHub ? t('Revision') : t('Tag or digest')}
          placeholder={isHub ? 'main' : 'latest'}
          hint={isHub ? t('Branch, tag or commit.') : t('A digest begins with sha256:')}
          maxLength={100}
          {...field('revision')}
        />
      </div>
      {source.place.trim() !== '' && (
        <p className="text-xs text-ink-3">
          <code className="font-mono break-all">{sourceText(source)}</code>
        </p>
      )}
      <EgressHint host={hostOf(source)} />
    </>
  )
}

/** An import that may not leave the house fails at once: said before, with where to change it. */
function EgressHint({ host }: { host: string }) {
  const { data: rules } = useEgressRules(usePermission('egress:read'))
  if (!rules || host === '') return null
  const [name] = host.split(':')
  if (rules.some((rule) => rule.host === name)) return null
  return (
    <p className="rounded-md bg-energy-soft px-3 py-2 text-xs text-ink">
      {rich(
        'No egress rule lets the server reach <code>{host}</code>, nor where it sends downloads.',
        {
          host,
        },
      )}{' '}
      <Link href="/egress" className="rounded underline underline-offset-3">
        {t('Allow it under Egress')}
      </Link>
    </p>
  )
}
