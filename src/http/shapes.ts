/** Shapes that several routes share. */
import { z } from 'zod'

export const idParams = z.object({ id: z.string().min(1).max(100) })

export const listAnswer = z.looseObject({ data: z.array(z.unknown()) })

/** An alias or model name in a path. */
export const modelNameParams = z.object({ name: z.string().min(1).max(150) })
