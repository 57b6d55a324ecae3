/** What small models made for one task answer. */
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import type { Door } from '../../inference/door.ts'
import type { Registry } from '../../models/registry.ts'
import {
  answerClassifications,
  answerModerations,
  answerSpecialist,
  classificationRequestSchema,
  specialistRequestSchema,
} from '../dialect/specialists.ts'
import { type Route, route } from '../route.ts'
import { contextOf } from './inference.ts'

const answer = z.looseObject({ id: z.string(), model: z.string(), results: z.array(z.unknown()) })

export function specialistRoutes(door: Door, registry: Registry): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/classifications',
      guard: 'inference:use',
      summary: 'Give texts the probability of each label',
      tag: 'Inference',
      body: classificationRequestSchema,
      response: answer,
      handler: (incoming) => {
        const { body, scope, signal } = incoming
        const work = { door, scope, context: contextOf(incoming), signal }
        return answerClassifications(work, body.input)
      },
    }),
    route({
      method: 'POST',
      path: '/v1/moderations',
      guard: 'inference:use',
      summary: 'Tell which categories texts belong to',
      tag: 'Inference',
      body: classificationRequestSchema,
      response: answer,
      openai: true,
      handler: (incoming) => {
        const { body, scope, signal } = incoming
        return answerModerations({ door, scope, context: contextOf(incoming), signal }, body.input)
      },
    }),
    route({
      method: 'POST',
      path: '/v1/specialists/{alias}',
      guard: 'inference:use',
      summary: 'Ask a specialist: labels, spans or matches, as its task is',
      tag: 'Inference',
      params: z.object({ alias: z.string().min(1).max(200) }),
      body: specialistRequestSchema,
      response: answer,
      handler: async (incoming) => {
        const { params, body, scope, signal, requestId, dataClass, trace } = incoming
        const { task } = (await registry.resolve(scope.organisationId, params.alias)).manifest
        if (task !== 'classify' && task !== 'tag' && task !== 'match') {
          throw new AppError(
            'invalid_request',
            `Model "${params.alias}" is no specialist: it does ${task}. GET /v1/models lists what each model does.`,
            { param: 'alias' },
          )
        }
        const context = { model: params.alias, requestId, dataClass, trace }
        return answerSpecialist({ door, scope, context, signal }, task, body.input)
      },
    }),
  ]
}
