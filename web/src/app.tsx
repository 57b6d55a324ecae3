import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { ApiError } from './api/client.ts'
import { type Session, sessionKey, useSession } from './api/session.ts'
import { pages } from './navigation.ts'
import { NotFoundPage } from './pages/not-found/not-found-page.tsx'
import { SignInPage } from './pages/sign-in/sign-in-page.tsx'
import { Shell } from './shell/shell.tsx'
import { useLanguage } from './texts/language.ts'
import { t } from './texts/translate.ts'
import { ErrorNotice } from './ui/error-notice.tsx'
import { Logo } from './ui/logo.tsx'
import { Toasts } from './ui/toast.tsx'
import { TooltipProvider } from './ui/tooltip.tsx'

const client = new QueryClient({
  queryCache: new QueryCache({
    // A session that ended elsewhere shows the sign-in page, whichever page noticed it first.
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401) client.setQueryData(sessionKey, null)
    },
  }),
  defaultOptions: {
    queries: {
      // What the server refuses it refuses again; only silence and its own failures are worth a retry.
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
      refetchOnWindowFocus: true,
      staleTime: 2_000,
    },
  },
})

/**
 * Texts are looked up while rendering, so a change of language, which renders from here down, changes all of
 * them and keeps what somebody has typed. What is memoised and says something asks for the language itself.
 */
export function App() {
  const language = useLanguage()
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return (
    <QueryClientProvider client={client}>
      <TooltipProvider delayDuration={250}>
        <Gate />
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  )
}

/** Shows the console to those who are signed in, and the door to everybody else. */
function Gate() {
  const session = useSession()
  if (session.isPending) {
    return (
      <div role="status" aria-label={t('Loading')} className="grid min-h-dvh place-items-center">
        <Logo className="size-9 animate-shimmer" />
      </div>
    )
  }
  if (session.data === undefined) {
    return (
      <main className="mx-auto grid min-h-dvh max-w-md content-center p-4">
        <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
      </main>
    )
  }
  if (session.data === null) return <SignInPage />
  return (
    <Shell session={session.data}>
      <Pages session={session.data} />
    </Shell>
  )
}

function Pages({ session }: { session: Session }) {
  const allowed = pages.filter((page) => session.permissions.includes(page.permission))
  const first = allowed[0]?.path
  return (
    <Switch>
      {allowed.map((page) => (
        <Route
          key={page.path}
          path={page.path === '/' ? '/' : `${page.path}/*?`}
          component={page.component}
        />
      ))}
      {/* A key narrowed to some pages starts at the first of them. */}
      {first && first !== '/' && (
        <Route path="/">
          <Redirect to={first} replace />
        </Route>
      )}
      <Route path="/sign-in">
        <Redirect to="/" replace />
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  )
}
