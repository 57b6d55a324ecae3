import type { Document } from '../../api/documents.ts'

/** Where the bookings of a document's pages are found: the ledger entries of its reader. */
export function documentLedgerPath(document: Document): string {
  return document.model
    ? `/usage/entries?model=${encodeURIComponent(document.model)}`
    : '/usage/entries'
}
