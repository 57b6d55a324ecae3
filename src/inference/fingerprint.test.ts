/** Digests of answers are those of the whole text, however it came in pieces. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { dataKeyFrom } from '../store/keyring.ts'
import { createFingerprint } from './fingerprint.ts'

const key = dataKeyFrom('dk_test', randomBytes(32))
const request = { task: 'embed' as const, inputs: ['of a customer'] }

test('an answer has one digest, in whatever pieces it came', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), (text, cuts) => {
      const fingerprint = createFingerprint(key, request)
      let at = 0
      for (const length of cuts) {
        fingerprint.add(text.slice(at, at + length))
        at += length
      }
      fingerprint.add(text.slice(at))
      assert.equal(fingerprint.digests().output_digest, key.digest(text))
    }),
  )
  assert.equal(createFingerprint(key, request).digests().output_digest, undefined)
})
