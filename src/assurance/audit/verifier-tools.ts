/** What a verifier checks with. The server's answers at once, a browser's later. */
type Answer<Value> = Value | Promise<Value>

export interface VerifierKey {
  /** First 32 hex digits of SHA-256 over the public key's SPKI DER. */
  fingerprint: string
  /** Base64 of the SPKI DER. */
  spki: string
  verify(message: Uint8Array, signature: Uint8Array): Answer<boolean>
}

export interface VerifierTools {
  /** Of the parts, one after the other. */
  sha256(...parts: Uint8Array[]): Answer<Uint8Array>
  /** Base64 of SPKI DER, or PEM. Throws `invalid_request` for anything but an Ed25519 key. */
  readPublicKey(text: string): Answer<VerifierKey>
  /** Null where certificates cannot be read: time-stamps are then counted, not believed. */
  checkTimestamp:
    | ((
        answer: Uint8Array,
        statement: Uint8Array,
        trusted: readonly string[],
      ) => Promise<{ at: Date; authority: string; fingerprint: string; trusted: boolean }>)
    | null
}
