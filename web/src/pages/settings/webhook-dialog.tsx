import { type FormEvent, useId, useState } from 'react'
import { useAddWebhook } from '../../api/settings.ts'
import { Button } from '../../ui/button.tsx'
import { CommandLine } from '../../ui/command-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { TextField } from '../../ui/field.tsx'

const events = [
  { name: 'batch.finished', label: 'A batch is finished' },
  { name: 'document.finished', label: 'A document is read' },
]

/** Adds a webhook and shows its signing secret once. */
export function WebhookDialog({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('')
  const [chosen, setChosen] = useState(events.map(({ name }) => name))
  const add = useAddWebhook()
  const formId = useId()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate({ url: url.trim(), events: chosen })
  }

  if (add.data) {
    return (
      <Dialog
        title="The webhook’s signing secret"
        description="Copy it now: it cannot be shown again. The receiver checks with it that an event is from here."
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <CommandLine command={add.data.secret} />
        <p className="mt-4 text-xs text-ink-2">
          Events are signed as Standard Webhooks has it; its libraries verify them in every
          language.
        </p>
      </Dialog>
    )
  }
  return (
    <Dialog
      title="Add a webhook"
      description="A POST to a program of yours. It says what has ended and how, nothing of the contents."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            look="primary"
            disabled={chosen.length === 0}
            busy={add.isPending}
          >
            Add
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-3">
        <TextField
          label="Address"
          type="url"
          placeholder="https://intranet.house.example/bastide"
          hint="Allow its host and port under Egress as well."
          required
          maxLength={2000}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <fieldset className="space-y-1.5 text-sm">
          <legend className="mb-1 text-xs font-medium text-ink-2">When</legend>
          {events.map(({ name, label }) => (
            <label key={name} className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={(event) =>
                  setChosen(
                    event.target.checked
                      ? [...chosen, name]
                      : chosen.filter((other) => other !== name),
                  )
                }
              />
              {label}
            </label>
          ))}
        </fieldset>
        {add.error && <ErrorNotice error={add.error} />}
      </form>
    </Dialog>
  )
}
