import { chatModels, type Model } from '../../api/models.ts'
import { formatCount } from '../../format/numbers.ts'
import { t } from '../../texts/translate.ts'
import { Select, TextArea, TextField } from '../../ui/field.tsx'
import { changeSettings, type Settings } from './conversation.ts'
import { exampleSchema } from './example-schema.ts'

/** Model, instructions and sampling of the next answer. */
export function SettingsPanel({
  settings,
  models,
  schemaProblem,
}: {
  settings: Settings
  models: Model[]
  schemaProblem: string | null
}) {
  const chat = chatModels(models)
  const chosen = chat.find((model) => model.id === settings.model)
  return (
    <div className="space-y-4">
      <Select
        label={t('Model')}
        value={settings.model}
        onChange={(event) => changeSettings({ model: event.target.value })}
        hint={chosen && modelFacts(chosen)}
      >
        {chat.map((model) => (
          <option key={model.id} value={model.id}>
            {model.id}
          </option>
        ))}
      </Select>
      <TextArea
        label={t('System prompt')}
        rows={3}
        placeholder={t('How the model should behave')}
        value={settings.system}
        onChange={(event) => changeSettings({ system: event.target.value })}
      />
      <div className="grid grid-cols-3 gap-2">
        <TextField
          label={t('Temperature')}
          type="number"
          min={0}
          max={2}
          step={0.1}
          placeholder={t('default')}
          value={settings.temperature}
          onChange={(event) => changeSettings({ temperature: event.target.value })}
        />
        <TextField
          label={t('Max tokens')}
          type="number"
          min={1}
          step={1}
          placeholder={t('default')}
          value={settings.maxTokens}
          onChange={(event) => changeSettings({ maxTokens: event.target.value })}
        />
        <TextField
          label={t('Seed')}
          type="number"
          step={1}
          placeholder={t('random')}
          value={settings.seed}
          onChange={(event) => changeSettings({ seed: event.target.value })}
        />
      </div>
      <SchemaField settings={settings} problem={schemaProblem} />
    </div>
  )
}

function SchemaField({ settings, problem }: { settings: Settings; problem: string | null }) {
  return (
    <div>
      <label className="flex items-center gap-2 text-xs font-medium text-ink-2 pointer-coarse:min-h-10">
        <input
          type="checkbox"
          checked={settings.schemaOn}
          onChange={(event) => changeSettings({ schemaOn: event.target.checked })}
          className="size-4 accent-accent"
        />
        {t('Answer in JSON that follows a schema')}
      </label>
      {settings.schemaOn && (
        <div className="mt-2">
          <TextArea
            label={t('JSON schema')}
            hideLabel
            rows={11}
            spellCheck={false}
            value={settings.schema}
            onChange={(event) => changeSettings({ schema: event.target.value })}
            error={problem}
            hint={t('The schema is sound.')}
            className="font-mono text-xs!"
          />
          {settings.schema !== exampleSchema && (
            <button
              type="button"
              onClick={() => changeSettings({ schema: exampleSchema })}
              className="mt-1 rounded text-xs text-ink-2 underline underline-offset-2 hover:text-ink"
            >
              {t('Back to the example')}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function modelFacts(model: Model): string {
  return [
    model.id === model.name ? null : model.name,
    model.max_context_length &&
      t('{amount} tokens', { amount: formatCount(model.max_context_length) }),
    model.bastide?.licence,
    model.bastide && t(model.bastide.loaded ? 'in memory' : 'loads on first use'),
  ]
    .filter(Boolean)
    .join(' · ')
}
