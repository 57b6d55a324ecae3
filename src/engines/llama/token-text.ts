/**
 * The bytes each token stands for. llama.cpp's `detokenize` hands strings to JavaScript, in which
 * half a UTF-8 character is already lost; streaming and log-probabilities need the bytes.
 */
import type { Native } from './native.ts'

/** Token attributes of llama.h. */
const attributes = { unknown: 1, control: 8, userDefined: 16, byte: 32 }
/** Vocabulary types of llama.h. */
const vocabularies = { sentencePiece: 1, bytePair: 2, unigram: 4 }

/** Up to this many bytes per token the longest token of the vocabulary need not be looked for. */
const ordinaryTokenBytes = 8

export interface TokenText {
  bytes(token: number): Uint8Array
  /** Control tokens are not part of the text; they still have a name, e.g. `<|python_tag|>`. */
  isControl(token: number): boolean
  /** Names of all control tokens, longest first. */
  controlNames(): string[]
  /**
   * False when a text must have more tokens than the context holds, even if each were the longest one.
   * Tokenising megabytes only to refuse them would hold up every other request of the process.
   */
  mayFit(text: string): boolean
}

export function createTokenText(native: Native): TokenText {
  const { model } = native
  const vocabulary = model.getVocabularyType()
  const known = new Map<number, Uint8Array>()
  let names: string[] | undefined
  let longestBytes: number | undefined

  const hasAttribute = (token: number, mask: number) =>
    (model.getTokenAttributes(token) & mask) !== 0
  const isControl = (token: number) => hasAttribute(token, attributes.control | attributes.unknown)

  function decode(token: number): Uint8Array {
    const text = model.getTokenString(token)
    if (hasAttribute(token, attributes.control | attributes.userDefined)) return Buffer.from(text)
    if (vocabulary === vocabularies.bytePair) return byteLevelBytes(text)
    if (vocabulary === vocabularies.sentencePiece || vocabulary === vocabularies.unigram) {
      const byte = hasAttribute(token, attributes.byte) && /^<0x([0-9A-F]{2})>$/i.exec(text)
      return byte
        ? Uint8Array.of(Number.parseInt(byte[1]!, 16))
        : Buffer.from(text.replaceAll('▁', ' '))
    }
    return Buffer.from(model.detokenize(Uint32Array.of(token), true))
  }

  function longestTokenBytes(): number {
    let longest = 1
    for (let token = 0; token < native.tokenCount; token++) {
      longest = Math.max(longest, Buffer.byteLength(model.getTokenString(token)))
    }
    return longest
  }

  return {
    mayFit(text) {
      if (text.length <= native.contextSize * ordinaryTokenBytes) return true
      longestBytes ??= longestTokenBytes()
      return text.length <= native.contextSize * longestBytes
    },
    isControl,
    bytes(token) {
      let bytes = known.get(token)
      if (!bytes) {
        bytes = decode(token)
        known.set(token, bytes)
      }
      return bytes
    },
    controlNames() {
      if (names) return names
      names = []
      for (let token = 0; token < native.tokenCount; token++) {
        if (isControl(token)) names.push(model.getTokenString(token))
      }
      names = names.filter((name) => name.length > 1).sort((a, b) => b.length - a.length)
      return names
    },
  }
}

/** GPT-2's table from the characters of byte-level vocabularies back to bytes. */
const byteOfCharacter = new Map<string, number>()
for (let byte = 0, next = 256; byte < 256; byte++) {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  byteOfCharacter.set(String.fromCharCode(printable ? byte : next++), byte)
}

function byteLevelBytes(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const byte = byteOfCharacter.get(character)
    // A character outside the table stands for itself (some vocabularies mix both).
    if (byte === undefined) bytes.push(...Buffer.from(character))
    else bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}
