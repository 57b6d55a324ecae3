/** The stores of an installation, as its settings name them. */
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Egress, EgressRule } from '../../egress.ts'
import { folderObjects } from './folder.ts'
import type { Objects } from './objects.ts'
import { bucketObjects, bucketRule } from './s3.ts'

export interface Stores {
  blobs: Objects
  models: Objects
}

/** Of this machine's own folder, also where blobs lie elsewhere: they are sealed there first. */
export const blobFolderOf = ({ dataFolder }: Pick<Config, 'dataFolder'>) =>
  join(dataFolder, 'blobs')
export const modelFolderOf = ({ dataFolder }: Pick<Config, 'dataFolder'>) =>
  join(dataFolder, 'models')

export function openStores(config: Config, egress: Egress): Stores {
  return {
    blobs: config.blobsUrl
      ? bucketObjects(
          {
            url: config.blobsUrl,
            accessKeyId: config.blobsAccessKeyId,
            secretAccessKey: config.blobsSecretAccessKey,
            region: config.blobsRegion,
          },
          egress,
        )
      : folderObjects(blobFolderOf(config)),
    models: folderObjects(modelFolderOf(config)),
  }
}

/** What the settings themselves allow to be reached. */
export function storeRules({ blobsUrl }: Pick<Config, 'blobsUrl'>): EgressRule[] {
  return blobsUrl ? [bucketRule({ url: blobsUrl })] : []
}
