import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceParts, sourceText } from './import-source.ts'

test('what is filled in becomes a source, and a source what is filled in', () => {
  const digest = `sha256:${'0'.repeat(64)}`
  for (const text of [
    'hf:house/model',
    'hf:house/model/folder/model.q4.gguf',
    'hf:house/model@refs/pr/1',
    'hf:house/model/model.gguf@c0ffee',
    'oci:registry.house.example/models/chat',
    'oci:registry.house.example:5000/models/chat:v1.2',
    'oci:registry.house.example:5000/models/chat',
    `oci:registry.house.example/chat@${digest}`,
  ]) {
    assert.equal(sourceText(sourceParts(text)), text)
  }
  assert.deepEqual(sourceParts('oci:host:5000/a/b:v1'), {
    kind: 'oci',
    place: 'host:5000/a/b',
    file: '',
    revision: 'v1',
  })
})

test('spaces that came with a paste are left out', () => {
  const parts = { kind: 'hf', place: ' house/model ', file: '', revision: ' main\n' } as const
  assert.equal(sourceText(parts), 'hf:house/model@main')
})
