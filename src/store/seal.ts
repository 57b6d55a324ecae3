/**
 * Authenticated encryption at rest: AES-256-GCM.
 *
 * Small secrets: version(1) | nonce(12) | ciphertext | tag(16).
 * Streams: header, then frames of 64 KiB plaintext, each sealed on its own with the frame number and
 * an end mark in the nonce (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015),
 * so that frames cannot be cut off, swapped or mixed between files.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { AppError } from '../errors.ts'

const algorithm = 'aes-256-gcm'
const tagBytes = 16
const frameBytes = 64 * 1024
const version = 1
const noncePrefixBytes = 7

export function seal(key: Buffer, plaintext: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, body, cipher.getAuthTag()])
}

/** Throws `internal` when the key is wrong or the bytes were changed. */
export function unseal(key: Buffer, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed)
  if (bytes.length < 1 + 12 + tagBytes || bytes[0] !== version) throw unsealable(context)
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(1, 13))
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(13, -tagBytes)), decipher.final()])
  } catch (error) {
    throw unsealable(context, error)
  }
}

function unsealable(context: string, cause?: unknown): AppError {
  return new AppError(
    'internal',
    `Stored data (${context}) cannot be decrypted: the master key differs or the data was changed.`,
    { cause },
  )
}

function frameNonce(prefix: Buffer, frame: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  prefix.copy(nonce)
  nonce.writeUInt32BE(frame, noncePrefixBytes)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** Encrypts what flows through. Up to 2^32 frames (256 TiB). */
export function sealStream(key: Buffer): Transform {
  const prefix = randomBytes(noncePrefixBytes)
  let frame = 0
  let buffered: Buffer = Buffer.alloc(0)
  let started = false
  const sealFrame = (plaintext: Buffer, last: boolean) => {
    const cipher = createCipheriv(algorithm, key, frameNonce(prefix, frame++, last))
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }
  const begin = (stream: Transform) => {
    if (!started) stream.push(Buffer.concat([Buffer.of(version), prefix]))
    started = true
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      begin(this)
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
      let offset = 0
      // The last frame is only known at the end, so one whole frame is always kept back.
      while (buffered.length - offset > frameBytes) {
        this.push(sealFrame(buffered.subarray(offset, offset + frameBytes), false))
        offset += frameBytes
      }
      buffered = buffered.subarray(offset)
      done()
    },
    flush(done: TransformCallback) {
      begin(this)
      this.push(sealFrame(buffered, true))
      done()
    },
  })
}

/** Decrypts what flows through; errors with `internal` on any change, including a cut end. */
export function unsealStream(key: Buffer, context: string): Transform {
  let prefix: Buffer | null = null
  let frame = 0
  let buffered: Buffer = Buffer.alloc(0)
  const sealedFrameBytes = frameBytes + tagBytes
  const open = (sealed: Buffer, last: boolean) => {
    if (sealed.length < tagBytes) throw unsealable(context)
    const decipher = createDecipheriv(algorithm, key, frameNonce(prefix!, frame++, last))
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])
    } catch (error) {
      throw unsealable(context, error)
    }
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      try {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
        let offset = 0
        if (!prefix && buffered.length >= 1 + noncePrefixBytes) {
          if (buffered[0] !== version) throw unsealable(context)
          prefix = Buffer.from(buffered.subarray(1, 1 + noncePrefixBytes))
          offset = 1 + noncePrefixBytes
        }
        while (prefix && buffered.length - offset > sealedFrameBytes) {
          this.push(open(buffered.subarray(offset, offset + sealedFrameBytes), false))
          offset += sealedFrameBytes
        }
        buffered = buffered.subarray(offset)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    flush(done: TransformCallback) {
      try {
        if (!prefix) throw unsealable(context)
        this.push(open(buffered, true))
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
}
