import { useEffect, useState } from 'react'
import { useSearchParams } from 'wouter'
import { chatModels, type Model, useModels } from '../../api/models.ts'
import { t } from '../../texts/translate.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { BringModel } from '../models/bring-model.tsx'
import { CodeDialog } from './code-dialog.tsx'
import { Composer } from './composer.tsx'
import { changeSettings, chatRequest, clearConversation, useConversation } from './conversation.ts'
import { checkSchema } from './schema-check.ts'
import { SettingsPanel } from './settings-panel.tsx'
import { Turns } from './turns.tsx'

export default function PlaygroundPage() {
  const models = useModels()
  if (models.data) {
    return chatModels(models.data).length === 0 ? <NoModel /> : <Playground models={models.data} />
  }
  return (
    <>
      <PageHeader title={t('Playground')} />
      {models.error ? (
        <ErrorNotice error={models.error} onRetry={() => void models.refetch()} />
      ) : (
        <Skeleton className="h-72 w-full rounded-lg" />
      )}
    </>
  )
}

function Playground({ models }: { models: Model[] }) {
  const { turns, settings } = useConversation()
  const [dialog, setDialog] = useState<'settings' | 'code' | null>(null)
  const schemaProblem = settings.schemaOn ? checkSchema(settings.schema) : null
  const busy = turns.at(-1)?.state === 'streaming'
  useChosenModel(models, settings.model)

  const panel = <SettingsPanel settings={settings} models={models} schemaProblem={schemaProblem} />
  return (
    <div className="flex min-h-[calc(100dvh-11rem)] flex-col lg:min-h-[calc(100dvh-5rem)]">
      <PageHeader
        title={t('Playground')}
        description={<span className="lg:hidden">{settings.model}</span>}
        actions={
          <>
            <Button icon="sliders" className="lg:hidden" onClick={() => setDialog('settings')}>
              {t('Settings')}
            </Button>
            <Button icon="code" disabled={schemaProblem !== null} onClick={() => setDialog('code')}>
              {t('Code')}
            </Button>
            <Button icon="plus" disabled={turns.length === 0} onClick={clearConversation}>
              {t('New chat')}
            </Button>
          </>
        }
      />
      <div className="grid flex-1 gap-6 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="flex min-w-0 flex-col">
          <Turns turns={turns} />
          <div className="sticky bottom-17 mt-4 lg:bottom-5">
            <Composer
              busy={busy}
              blocked={schemaProblem && t('The JSON schema: {problem}', { problem: schemaProblem })}
            />
          </div>
        </div>
        <aside aria-label={t('Settings')} className="hidden lg:block">
          <Card title={t('Settings')} className="sticky top-7">
            {panel}
          </Card>
        </aside>
      </div>
      {dialog === 'settings' && (
        <Dialog title={t('Settings')} placement="bottom" onClose={() => setDialog(null)}>
          {panel}
        </Dialog>
      )}
      {dialog === 'code' && (
        <CodeDialog
          request={chatRequest(
            settings,
            turns.length > 0
              ? turns.filter((turn) => turn.state !== 'streaming')
              : [{ id: 0, role: 'user', text: t('Hello'), state: 'done' }],
          )}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  )
}

/** Takes the model from the address (`?model=`), else keeps the chosen one, else the first. */
function useChosenModel(models: Model[], chosen: string) {
  const [search, setSearch] = useSearchParams()
  const wanted = search.get('model')
  useEffect(() => {
    const chat = chatModels(models)
    const known = (id: string | null) => chat.some((model) => model.id === id)
    if (wanted !== null) {
      if (known(wanted)) changeSettings({ model: wanted })
      setSearch({}, { replace: true })
    } else if (!known(chosen)) {
      changeSettings({ model: chat[0]!.id })
    }
  }, [models, wanted, chosen, setSearch])
}

function NoModel() {
  return (
    <>
      <PageHeader title={t('Playground')} />
      <Card flush>
        <EmptyState
          icon="playground"
          title={t('No model to chat with yet')}
          command="./bastide model import ./model.gguf --alias assistant@production"
          action={<BringModel />}
        >
          {t('Import a language model (GGUF) and give it an alias; it can be used here at once.')}
        </EmptyState>
      </Card>
    </>
  )
}
