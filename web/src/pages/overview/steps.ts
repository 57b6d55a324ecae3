import { useIdentityProviders, useKeys } from '../../api/access.ts'
import { useModels } from '../../api/models.ts'
import { usePermission } from '../../api/session.ts'
import { useBackups } from '../../api/settings.ts'
import { useFirstCall } from '../../api/usage.ts'
import type { PlainText } from '../../texts/catalogue.ts'

export interface Step {
  title: PlainText
  why: PlainText
  to: string
  /** Null while it is not known. */
  done: boolean | null
}

/** The steps that are this person's to do, each as it stands. */
export function useSteps(): Step[] {
  const may = {
    models: usePermission('models:write'),
    keys: usePermission('keys:write'),
    call: usePermission('usage:read'),
    signIn: usePermission('identity:write'),
    backup: usePermission('backups:create'),
  }
  const models = useModels()
  const keys = useKeys(may.keys)
  const calls = useFirstCall(may.call)
  const providers = useIdentityProviders(may.signIn)
  const backups = useBackups(may.backup)
  // Documents are read by a model that comes with the program; a person brings the others.
  const brought = models.data?.some(({ bastide }) => bastide?.task !== 'read')
  const steps: (Step & { mine: boolean })[] = [
    {
      mine: may.models,
      title: 'Bring a model',
      why: 'From Hugging Face, a registry, a bundle, or a file of yours.',
      to: '/models/imports',
      done: brought ?? null,
    },
    {
      mine: may.keys,
      title: 'Make a key',
      why: 'One for each program: the first owner key is for you alone.',
      to: '/access/keys',
      // The first is made by the program itself.
      done: keys.data ? keys.data.length > 1 : null,
    },
    {
      mine: may.call,
      title: 'Make a first call',
      why: 'In the playground, or from any OpenAI client.',
      to: '/playground',
      done: calls.data ? calls.data.length > 0 : null,
    },
    {
      mine: may.signIn,
      title: 'Let people sign in',
      why: 'With the directory of the house, over OpenID Connect.',
      to: '/access/sign-in',
      done: providers.data ? providers.data.length > 0 : null,
    },
    {
      mine: may.backup,
      title: 'Make a backup',
      why: 'And keep the master key apart from it.',
      to: '/settings/backups',
      done: backups.data ? backups.data.length > 0 : null,
    },
  ]
  // Who may do little is no operator, and has nothing to set up.
  return may.keys ? steps.filter(({ mine }) => mine) : []
}
