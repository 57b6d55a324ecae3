import { type FormEvent, useEffect, useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { signInAddress, takeRefusal, useProviders, useSignIn } from '../../api/session.ts'
import { LanguageChoice } from '../../shell/language-choice.tsx'
import { ThemeChoice } from '../../shell/theme-choice.tsx'
import { rich } from '../../texts/rich.tsx'
import { t } from '../../texts/translate.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { classes } from '../../ui/classes.ts'
import { CommandLine } from '../../ui/command-line.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'
import { Logo } from '../../ui/logo.tsx'

export function SignInPage() {
  const [key, setKey] = useState('')
  const signIn = useSignIn()
  const providers = useProviders()
  const [told] = useState(takeRefusal)
  const refused = signIn.error instanceof ApiError && signIn.error.status === 401

  useEffect(() => {
    document.title = `${t('Sign in')} · Bastide`
  })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '') signIn.mutate(key)
  }

  return (
    <main className="grid min-h-dvh grid-cols-1 place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <Logo className="size-10" />
        <h1 className="mt-4 text-2xl font-semibold tracking-tight">{t('Sign in to Bastide')}</h1>
        <p className="mt-1 text-ink-2">{t('The AI stack that stays inside your walls.')}</p>

        {told && <ErrorNotice error={new Error(told)} className="mt-5" />}
        {providers.data && providers.data.length > 0 && (
          <div className="mt-6 space-y-2 border-b pb-6">
            {providers.data.map(({ id, name }) => (
              <a
                key={id}
                href={signInAddress(id)}
                className={classes(buttonClasses('primary'), 'w-full')}
              >
                {t('Sign in with {name}', { name })}
              </a>
            ))}
          </div>
        )}

        <form onSubmit={submit} className="mt-6 space-y-3">
          <TextField
            label={t('Key')}
            type="password"
            name="key"
            autoComplete="current-password"
            spellCheck={false}
            autoFocus
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
            error={refused ? t('This key is not known, has expired or was revoked.') : null}
            className="font-mono"
          />
          {signIn.error && !refused && <ErrorNotice error={signIn.error} />}
          <Button
            type="submit"
            look={providers.data?.length ? 'secondary' : 'primary'}
            busy={signIn.isPending}
            className="w-full"
          >
            {t('Sign in')}
          </Button>
        </form>

        <section className="mt-8 border-t pt-5 text-xs text-ink-2">
          <h2 className="font-semibold text-ink">{t('Where is my key?')}</h2>
          <p className="mt-1 text-pretty">
            {rich(
              'The first <code>./bastide up</code> printed it, once. Anyone with a shell on the server can make another:',
            )}
          </p>
          <CommandLine command="./bastide key create console --role admin" className="mt-2" />
        </section>
        <div className="mt-6 flex flex-wrap items-center gap-3">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </div>
    </main>
  )
}
