/** The first start: organisation, first key, and the reader that ships with the program. */
import { setUpInstallation } from './access/workspaces.ts'
import { AppError } from './errors.ts'
import { type Manifest, packageHash, parseManifest } from './models/manifest.ts'
import { addPackage, listAliases, moveAlias } from './models/registry.ts'
import { signManifest } from './models/signatures.ts'
import type { Program } from './program.ts'

const system = { kind: 'system' as const, id: 'installation' }

/** Makes what a new installation needs; changes nothing in one that has been set up. */
export async function setUp(program: Program): Promise<{ adminKey: string | null }> {
  const { database, booking } = program
  const made = await setUpInstallation(database.db, { organisation: 'My organisation' })
  if (made) {
    await booking.book({
      organisationId: made.organisationId,
      workspaceId: made.workspaceId,
      kind: 'installation.setup',
      actor: system,
      subject: { kind: 'key', id: made.key.id },
      outcome: 'ok',
    })
  }
  await addReader(program)
  return { adminKey: made?.secret ?? null }
}

/** The embedded reader as a signed package with the alias `reader`, if it is not there yet. */
async function addReader(program: Program): Promise<void> {
  const { database, registry, signingKey, booking } = program
  const organisation = await database.db.selectFrom('organisations').select('id').executeTakeFirst()
  if (!organisation) throw new AppError('internal', 'The installation has no organisation.')
  const organisationId = organisation.id
  const manifest = readerManifest()
  const hash = packageHash(manifest)
  const packages = await registry.list(organisationId)
  if (packages.some((one) => one.hash === hash)) return
  await database.db.transaction().execute(async (transaction) => {
    const signatures = [signManifest(manifest, signingKey)]
    await addPackage(transaction, { organisationId, by: system.id, manifest, signatures })
    const taken = (await listAliases(transaction, organisationId)).some(
      (alias) => alias.name === 'reader',
    )
    if (!taken) {
      const move = { organisationId, name: 'reader', packageHash: hash, by: system.id }
      await moveAlias(transaction, { ...move, action: 'promote' })
    }
    await booking.append(transaction, {
      organisationId,
      workspaceId: null,
      kind: 'model.import',
      actor: system,
      subject: { kind: 'package', id: hash },
      outcome: 'ok',
      details: { name: manifest.name, version: manifest.version },
    })
  })
  registry.forget()
}

function readerManifest(): Manifest {
  return parseManifest({
    format: 'bastide-package-1',
    name: 'reader',
    version: 'tesseract.js-7.0.0',
    engine: 'read',
    task: 'read',
    files: [],
    card: {
      purpose:
        'Reads pages: the text layer of born-digital PDFs where it is sound, optical recognition otherwise.',
      licence: 'Apache-2.0',
      origin: { maker: 'Tesseract OCR project', country: 'US' },
      trainingData:
        'Text lines rendered in many fonts from web text, by the Tesseract project (tessdata 4.0.0).',
      limits: 'Printed text. Tables lose their structure; handwriting is not read.',
    },
    settings: { languages: ['eng'] },
  })
}
