import { Component, type ReactNode } from 'react'
import { t } from '../texts/translate.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'

/** Keeps a page that fails from taking the navigation with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return (
      <div className="mx-auto max-w-xl py-10">
        <h1 className="mb-3 text-lg font-semibold">{t('This page failed')}</h1>
        <ErrorNotice error={this.state.error} onRetry={() => this.setState({ error: null })} />
      </div>
    )
  }
}
