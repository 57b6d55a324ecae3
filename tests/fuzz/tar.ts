/** Makes the checksums of a tar archive's headers right again, and visits its entries where they lie. */
const blockBytes = 512

export interface TarPlace {
  name: string
  start: number
  end: number
}

export function repairTar(bytes: Buffer): TarPlace[] {
  const places: TarPlace[] = []
  for (let at = 0; at + blockBytes <= bytes.length; ) {
    const header = bytes.subarray(at, at + blockBytes)
    if (header.every((byte) => byte === 0)) break
    header.fill(' ', 148, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    const name = header.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '')
    const sizeBytes = Math.max(0, Number.parseInt(header.toString('latin1', 124, 136), 8) || 0)
    const start = at + blockBytes
    places.push({ name, start, end: Math.min(bytes.length, start + sizeBytes) })
    at = start + Math.ceil(sizeBytes / blockBytes) * blockBytes
  }
  return places
}
