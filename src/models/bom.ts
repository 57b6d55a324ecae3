/**
 * Bills of materials in CycloneDX 1.6 (ECMA-424): what the program is made of, from its lockfile, and what
 * models are, from their manifests. Hashes are of the bytes themselves.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { version } from '../version.ts'
import { type Manifest, packageHash } from './manifest.ts'

const lockfile = new URL('../../package-lock.json', import.meta.url)

interface LockedPackage {
  version?: string
  license?: string
  integrity?: string
  dev?: boolean
  optional?: boolean
}

function document(name: string, now: Date, components: object[]) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: now.toISOString(),
      component: { type: 'application', 'bom-ref': 'bastide', name, version },
    },
    components,
  }
}

/** The packages this program runs with; those that only its tests need are left out. */
export function programBom(now: Date) {
  const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  const components = Object.entries(packages)
    .filter(([path, { dev, version: locked }]) => path !== '' && !dev && locked)
    .map(([path, locked]) => libraryComponent(path, locked))
  return document('bastide', now, components)
}

function libraryComponent(path: string, locked: LockedPackage) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const scoped = name.startsWith('@') ? name.split('/') : null
  const purl = `pkg:npm/${name.replace('@', '%40')}@${locked.version}`
  const hashes = integrityHashes(locked.integrity)
  return {
    type: 'library',
    'bom-ref': path,
    ...(scoped && { group: scoped[0] }),
    name: scoped ? scoped[1] : name,
    version: locked.version,
    purl,
    scope: locked.optional ? 'optional' : 'required',
    ...(hashes.length > 0 && { hashes }),
    ...(locked.license && { licenses: [{ expression: locked.license }] }),
  }
}

/** Subresource integrity (`sha512-<base64>`) as CycloneDX writes hashes. */
function integrityHashes(integrity: string | undefined) {
  const known: Record<string, string> = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' }
  return (integrity ?? '').split(' ').flatMap((one) => {
    const [algorithm, digest] = [one.slice(0, one.indexOf('-')), one.slice(one.indexOf('-') + 1)]
    const alg = known[algorithm]
    return alg ? [{ alg, content: Buffer.from(digest, 'base64').toString('hex') }] : []
  })
}

/** Models with their cards and files. */
export function modelsBom(manifests: readonly Manifest[], now: Date) {
  return document('bastide models', now, manifests.map(modelComponent))
}

function modelComponent(manifest: Manifest) {
  const { card, facts } = manifest
  const ref = packageHash(manifest)
  const { maker, country } = card.origin
  const architecture = facts.architecture
  return {
    type: 'machine-learning-model',
    'bom-ref': ref,
    name: manifest.name,
    version: manifest.version,
    ...(maker !== 'unknown' && { supplier: { name: maker } }),
    ...(card.purpose && { description: card.purpose }),
    hashes: [{ alg: 'SHA-256', content: ref }],
    ...(card.licence !== 'unknown' && { licenses: [{ license: { name: card.licence } }] }),
    modelCard: {
      modelParameters: {
        task: manifest.task,
        ...(typeof architecture === 'string' && { modelArchitecture: architecture }),
      },
      considerations: {
        ...(card.purpose && { useCases: [card.purpose] }),
        ...(card.limits && { technicalLimitations: [card.limits] }),
      },
    },
    properties: [
      { name: 'bastide:engine', value: manifest.engine },
      { name: 'bastide:origin-country', value: country },
      { name: 'bastide:training-data', value: card.trainingData },
    ],
    components: manifest.files.map((file) => ({
      type: 'file',
      'bom-ref': `${ref}/${file.path}`,
      name: file.path,
      hashes: [{ alg: 'SHA-256', content: file.sha256 }],
      properties: [
        { name: 'bastide:role', value: file.role },
        { name: 'bastide:format', value: file.format },
        { name: 'bastide:size-bytes', value: String(file.sizeBytes) },
      ],
    })),
  }
}
