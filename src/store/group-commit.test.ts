import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AppError } from '../errors.ts'
import { createGroupCommit } from './group-commit.ts'

const options = { sizeMax: 8, pauseMsMax: 0 }

test('each item is written once, in order, and its caller gets its own answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer(), { maxLength: 60 }), async (items) => {
      const written: number[] = []
      const commits = createGroupCommit<number, string>(async (group) => {
        assert.ok(group.length <= options.sizeMax)
        await new Promise((resume) => setImmediate(resume))
        written.push(...group)
        return group.map(String)
      }, options)
      const answers = await Promise.all(items.map((item) => commits.add(item)))
      assert.deepEqual(answers, items.map(String))
      assert.deepEqual(written, items)
    }),
    { numRuns: 100 },
  )
})

test('one bad item fails alone', async () => {
  const commits = createGroupCommit<number, number>(async (group) => {
    if (group.includes(13)) throw new Error('unlucky')
    return group
  }, options)
  const results = await Promise.allSettled([1, 13, 2].map((item) => commits.add(item)))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('a failure that may pass fails the whole group, which is not written in parts', async () => {
  let writes = 0
  const commits = createGroupCommit<number, number>(async () => {
    writes += 1
    throw new AppError('unavailable', 'away')
  }, options)
  const results = await Promise.allSettled([1, 2, 3].map((item) => commits.add(item)))
  assert.ok(results.every(({ status }) => status === 'rejected'))
  assert.equal(writes, 1)
})

test('drain resolves after everything added before it is written', async () => {
  let written = 0
  const commits = createGroupCommit<number, number>(async (group) => {
    await new Promise((resume) => setTimeout(resume, 5))
    written += group.length
    return group
  }, options)
  const adding = Array.from({ length: 20 }, (_, item) => commits.add(item))
  await commits.drain()
  assert.equal(written, 20)
  await Promise.all(adding)
})

test('items that come one by one or in one burst are written at once; in a crowd that lasts they are gathered', async () => {
  const sizes: number[] = []
  const commits = createGroupCommit<number, number>(
    async (group) => {
      sizes.push(group.length)
      await new Promise((resume) => setTimeout(resume, 300))
      return group
    },
    { sizeMax: 8, pauseMsMax: 300 },
  )
  const turn = () => new Promise((resume) => setImmediate(resume))
  const oneThenAnother = async () => {
    const first = commits.add(1)
    for (let turns = 0; turns < 5; turns++) await turn()
    await Promise.all([first, commits.add(2)])
  }
  await commits.add(0)
  await oneThenAnother()
  assert.deepEqual(sizes, [1, 1, 1])
  const burst = () => Promise.all([1, 2, 3, 4].map((item) => commits.add(item)))
  await burst()
  await oneThenAnother()
  assert.deepEqual(sizes.slice(3), [4, 1, 1])
  await burst()
  await burst()
  await oneThenAnother()
  assert.deepEqual(sizes.slice(6), [4, 4, 2])
})

test('what can wait gathers, and goes at once with what cannot, with a drain, or when it is enough', async () => {
  const groups: number[][] = []
  const commits = createGroupCommit<number, number>(
    async (group) => {
      groups.push(group)
      return group
    },
    { sizeMax: 4, pauseMsMax: 0, lingerMs: 60_000 },
  )
  const later = [1, 2].map((item) => commits.addLater(item))
  await new Promise((resume) => setTimeout(resume, 20))
  assert.deepEqual(groups, [])
  await commits.add(3)
  assert.deepEqual(groups, [[1, 2, 3]])
  later.push(commits.addLater(4))
  await commits.drain()
  assert.deepEqual(groups.slice(1), [[4]])
  await Promise.all([...later, ...[5, 6, 7, 8].map((item) => commits.addLater(item))])
  assert.deepEqual(groups.slice(2), [[5, 6, 7, 8]])
})

test('what can wait is written after its time by itself', async () => {
  const sizes: number[] = []
  const commits = createGroupCommit<number, number>(
    async (group) => {
      sizes.push(group.length)
      return group
    },
    { sizeMax: 8, pauseMsMax: 0, lingerMs: 10 },
  )
  await Promise.all([1, 2, 3].map((item) => commits.addLater(item)))
  assert.deepEqual(sizes, [3])
})
