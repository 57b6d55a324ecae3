import { useState } from 'react'
import { Link } from 'wouter'
import { t } from '../../texts/translate.ts'
import { IconButton } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { classes } from '../../ui/classes.ts'
import { Icon } from '../../ui/icon.tsx'
import { type Step, useSteps } from './steps.ts'

const storageKey = 'bastide-first-steps'
const dismissed = 'dismissed'

function wasDismissed(): boolean {
  try {
    return localStorage.getItem(storageKey) === dismissed
  } catch {
    return false
  }
}

/** What a fresh installation wants next. Each step looks at what is there; done, the card is gone. */
export function FirstSteps() {
  const [hidden, setHidden] = useState(wasDismissed)
  return hidden ? null : (
    <Steps
      onDismiss={() => {
        setHidden(true)
        try {
          localStorage.setItem(storageKey, dismissed)
        } catch {
          // Without storage it is gone until the tab is closed.
        }
      }}
    />
  )
}

function Steps({ onDismiss }: { onDismiss: () => void }) {
  const steps = useSteps()
  const open = steps.filter(({ done }) => done === false)
  // Nothing is said before everything is known: a card that comes and goes is worse than none.
  if (open.length === 0 || steps.some(({ done }) => done === null)) return null
  return (
    <Card
      flush
      title={t('First steps')}
      note={t('{done} of {all} done', { done: steps.length - open.length, all: steps.length })}
      actions={
        <IconButton
          icon="close"
          size="small"
          label={t('Do not show the first steps again')}
          onClick={onDismiss}
        />
      }
    >
      <ol className="grid gap-px border-t bg-line *:bg-surface sm:grid-cols-2 xl:grid-cols-5">
        {steps.map((step) => (
          <StepItem key={step.to} step={step} isNext={step === open[0]} />
        ))}
      </ol>
    </Card>
  )
}

function StepItem({ step, isNext }: { step: Step; isNext: boolean }) {
  return (
    <li className="relative flex gap-2.5 px-4 py-3">
      <span
        className={classes(
          'mt-0.5 grid size-4.5 shrink-0 place-items-center rounded-full border',
          step.done ? 'border-ok! bg-ok-soft text-ok-ink' : isNext && 'border-accent! text-accent',
        )}
      >
        {step.done && <Icon name="check" className="size-3!" />}
      </span>
      <div className="min-w-0">
        {step.done ? (
          <p className="text-ink-3 line-through">
            {t(step.title)} <span className="sr-only">{t('done')}</span>
          </p>
        ) : (
          <Link
            href={step.to}
            className="rounded font-medium after:absolute after:inset-0 hover:text-accent"
          >
            {t(step.title)}
          </Link>
        )}
        {!step.done && <p className="text-xs text-pretty text-ink-3">{t(step.why)}</p>}
      </div>
    </li>
  )
}
