/**
 * Time-stamps of an authority of one's choice (RFC 3161): that a statement existed at a time, signed by
 * somebody who knows nothing of it but its hash.
 */
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import * as asn1 from 'asn1js'
import * as pkijs from 'pkijs'
import { AppError } from '../../errors.ts'

const sha256Oid = '2.16.840.1.101.3.4.2.1'
const timestampInfoOid = '1.2.840.113549.1.9.16.1.4'
/** Extended key usage of a time-stamping authority (RFC 3161, section 2.3). */
const timeStampingOid = '1.3.6.1.5.5.7.3.8'
const extendedKeyUsageOid = '2.5.29.37'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** The request to be sent as `application/timestamp-query`, and the number its answer must bear. */
export function timestampRequest(statement: Uint8Array): { body: Buffer; nonce: string } {
  // Positive, so that it is the same number in every encoding.
  const nonce = Buffer.concat([Buffer.of(1), randomBytes(15)])
  const request = new pkijs.TimeStampReq({
    version: 1,
    messageImprint: new pkijs.MessageImprint({
      hashAlgorithm: new pkijs.AlgorithmIdentifier({
        algorithmId: sha256Oid,
        algorithmParams: new asn1.Null(),
      }),
      hashedMessage: new asn1.OctetString({ valueHex: exact(sha256(statement)) }),
    }),
    nonce: new asn1.Integer({ valueHex: exact(nonce) }),
    certReq: true,
  })
  return { body: Buffer.from(request.toSchema().toBER()), nonce: nonce.toString('hex') }
}

export interface Timestamp {
  at: Date
  /** Subject of the certificate that signed. */
  authority: string
  /** SHA-256 of that certificate, hex. */
  fingerprint: string
  /** Whether the certificate leads to one of the trusted ones. */
  trusted: boolean
  /** The number of the request it answers, hex; null: it bears none. */
  nonce: string | null
}

/**
 * Checks an authority's answer (DER of a TimeStampResp) for a statement. Throws `invalid_request` when it is
 * no time-stamp of it. `trusted`: PEM certificates of authorities; without any, nothing is trusted.
 */
export async function checkTimestamp(
  answer: Uint8Array,
  statement: Uint8Array,
  trusted: readonly string[],
): Promise<Timestamp> {
  try {
    return await check(answer, statement, trusted)
  } catch (error) {
    // Whatever a reader of certificates trips over, the answer is what is wrong.
    throw error instanceof AppError ? error : refused('it is malformed', error)
  }
}

async function check(
  answer: Uint8Array,
  statement: Uint8Array,
  trusted: readonly string[],
): Promise<Timestamp> {
  const { info, signed } = read(answer)
  const imprint = info.messageImprint
  const hash = Buffer.from(imprint.hashedMessage.valueBlock.valueHexView)
  if (imprint.hashAlgorithm.algorithmId !== sha256Oid || !hash.equals(sha256(statement))) {
    throw refused('it was made for something else')
  }
  const certificate = await signerOf(signed, statement)
  const parsed = new X509Certificate(Buffer.from(certificate.toSchema().toBER()))
  if (!mayTimestamp(certificate)) throw refused('its signer may not sign time-stamps')
  const genTime = info.genTime
  if (genTime < parsed.validFromDate || genTime > parsed.validToDate) {
    throw refused("it lies outside its signer's time")
  }
  return {
    at: genTime,
    authority: parsed.subject.split('\n').join(', '),
    fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
    trusted: leadsTo(parsed, certificatesOf(signed), trusted, genTime),
    nonce: info.nonce ? Buffer.from(info.nonce.valueBlock.valueHexView).toString('hex') : null,
  }
}

function refused(reason: string, cause?: unknown): AppError {
  return new AppError('invalid_request', `The time-stamp does not hold: ${reason}.`, { cause })
}

function read(answer: Uint8Array) {
  const response = pkijs.TimeStampResp.fromBER(exact(answer))
  const { status } = response.status
  if ((status !== 0 && status !== 1) || !response.timeStampToken) {
    throw refused(`the authority refused (status ${status})`)
  }
  const signed = new pkijs.SignedData({ schema: response.timeStampToken.content })
  const { eContent: content, eContentType: type } = signed.encapContentInfo
  if (type !== timestampInfoOid || !content) throw refused('it is a signature over something else')
  const info = pkijs.TSTInfo.fromBER(exact(new Uint8Array(content.getValue())))
  return { info, signed }
}

/** The certificate whose signature over the token holds. */
async function signerOf(
  signed: pkijs.SignedData,
  statement: Uint8Array,
): Promise<pkijs.Certificate> {
  try {
    const result = await signed.verify({
      signer: 0,
      data: exact(statement),
      checkChain: false,
      extendedMode: true,
    })
    if (result.signatureVerified && result.signerCertificate) return result.signerCertificate
  } catch (error) {
    throw refused('its signature does not hold', error)
  }
  throw refused('its signature does not hold')
}

function mayTimestamp(certificate: pkijs.Certificate): boolean {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === extendedKeyUsageOid)
  const parsed = usage?.parsedValue as { keyPurposes?: string[] } | undefined
  return parsed?.keyPurposes?.includes(timeStampingOid) ?? false
}

function certificatesOf(signed: pkijs.SignedData): X509Certificate[] {
  return (signed.certificates ?? [])
    .filter((one) => one instanceof pkijs.Certificate)
    .map((one) => new X509Certificate(Buffer.from(one.toSchema().toBER())))
}

/** Follows issuers upwards, through what came with the token, to a trusted certificate. */
function leadsTo(
  start: X509Certificate,
  carried: readonly X509Certificate[],
  trusted: readonly string[],
  at: Date,
): boolean {
  const anchors = trusted.map((pem) => new X509Certificate(pem))
  const isAnchor = (one: X509Certificate) =>
    anchors.some((anchor) => anchor.fingerprint256 === one.fingerprint256)
  let current = start
  for (let depth = 0; depth < 8; depth++) {
    if (isAnchor(current)) return true
    const issuer = [...anchors, ...carried].find(
      (one) =>
        one.ca &&
        at >= one.validFromDate &&
        at <= one.validToDate &&
        current.checkIssued(one) &&
        current.verify(one.publicKey),
    )
    if (!issuer || issuer.fingerprint256 === current.fingerprint256) return false
    current = issuer
  }
  return false
}

/** The bytes as an ArrayBuffer of their own, as the ASN.1 library takes them. */
function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
