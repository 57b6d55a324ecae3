/** The tasks that Forge makes specialists for. */
import { classifyTask } from './classify/task.ts'
import { matchTask } from './match/task.ts'
import type { SpecialistTask } from './specialist-task.ts'
import { tagTask } from './tag/task.ts'

const tasks = { classify: classifyTask, tag: tagTask, match: matchTask }

export type TaskName = keyof typeof tasks

/** Each task takes back only the data that it has read itself, which is why its kind can be forgotten here. */
export const taskOf = (name: TaskName) => tasks[name] as unknown as SpecialistTask<unknown>
