/**
 * Where sealed bytes lie: a folder, or a bucket of an S3-compatible store. Names are paths with
 * forward slashes of `[\w.-]` parts; objects are never changed once stored, only replaced by equal
 * bytes or removed. One contract test holds every implementation.
 */
import type { Readable } from 'node:stream'

export interface StoredObject {
  name: string
  sizeBytes: number
}

export interface Objects {
  /** Takes the file over as the object `name`: when this resolves, the object is durable and the file gone. */
  put(name: string, file: string): Promise<void>
  /** The bytes as a stream; `not_found` when there are none. */
  read(name: string): Promise<Readable>
  /** Nothing happens when there is none. */
  remove(name: string): Promise<void>
  /** Removes all whose name begins with `folder` and a slash. */
  removeAll(folder: string): Promise<void>
  /** All objects, in no order; one that is removed meanwhile may be missing. */
  list(): AsyncIterable<StoredObject>
}
