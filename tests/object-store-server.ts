/**
 * An S3-compatible server, as a process: s3rver, behind a check of signatures (version 4) that it
 * leaves out, made with another implementation than the client's. Prints its port.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import aws4 from 'aws4'
import S3rver from 's3rver'
import { bucket, credentials, region } from './object-store.ts'

const store = new S3rver({
  silent: true,
  directory: process.argv[2]!,
  configureBuckets: [{ name: bucket, configs: [] }],
})
await store.configureBuckets()
const answer = store.callback()
const server = createServer((request, response) => {
  if (isSigned(request)) return answer(request, response)
  response.writeHead(403, { 'content-type': 'application/xml' })
  response.end('<Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message></Error>')
})
server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit())

/** Whether the request carries the signature that its signed headers and the secret make. */
function isSigned({ method = 'GET', url = '/', headers }: IncomingMessage): boolean {
  const authorization = headers.authorization ?? ''
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]))
  const again = aws4.sign(
    { service: 's3', region, method, path: url, host: headers.host ?? '', headers: { ...signed } },
    credentials,
  )
  return names.length > 0 && again.headers?.Authorization === authorization
}
