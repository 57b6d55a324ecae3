/** A specialist of a package folder, run in this process: to measure it, and on the command line. */

import { AppError } from '../errors.ts'
import { createSpecialist, type Specialist } from '../models/specialist/specialist.ts'
import { type Package, packageFiles, readPackage } from './package.ts'
import { OrtTensor } from './tensor/onnxruntime.ts'
import { openSession } from './tensor/training-session.ts'

export async function openSpecialist(read: Package) {
  const session = await openSession(read.bytes(packageFiles.weights))
  const contract = read.bytes(packageFiles.contract)
  const vocabulary = read.bytes(packageFiles.vocabulary)
  const specialist = createSpecialist(contract, vocabulary, async (inputs) => {
    const feeds = Object.entries(inputs).map(([name, { type, data, shape }]) => [
      name,
      new OrtTensor(type, data as Float32Array, shape),
    ])
    const { scores } = await session.run(Object.fromEntries(feeds))
    return scores!.data as Float32Array
  })
  return { specialist, close: () => session.release() }
}

type Task = Specialist['task']

/** A specialist for one task, read from its folder, as it is served. */
export async function openFor<Name extends Task>(folder: string, task: Name) {
  const read = await readPackage(folder)
  const { specialist, close } = await openSpecialist(read)
  if (specialist.task === task) {
    return { read, specialist: specialist as Extract<Specialist, { task: Name }>, close }
  }
  await close()
  const message = `${folder} is a specialist for another task, ${specialist.task}.`
  throw new AppError('invalid_request', message)
}
