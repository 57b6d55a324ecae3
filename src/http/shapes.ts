/** Shapes that several routes share. */
import { z } from 'zod'

export const idParams = z.object({ id: z.string().min(1).max(100) })

/** Pages by the id of the last item of the page before. */
export const pageQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(100).optional(),
})

export const listAnswer = z.looseObject({ data: z.array(z.unknown()) })

/** An alias or model name in a path. */
export const modelNameParams = z.object({ name: z.string().min(1).max(150) })
