import { useDocuments } from '../../api/documents.ts'
import { usePermission } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { DocumentRow } from './document-row.tsx'
import { DropZone } from './drop-zone.tsx'
import { UploadList } from './upload-list.tsx'
import { useUploads } from './uploads.ts'

export function DocumentList() {
  const documents = useDocuments()
  const mayUpload = usePermission('documents:write')
  const uploads = useUploads()
  const rows = documents.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <>
      <PageHeader
        title="Documents"
        description="Scans, photos and PDFs become text with the place and the certainty of every word."
      />
      <div className="space-y-4">
        {mayUpload && <DropZone onFiles={uploads.add} />}
        <UploadList uploads={uploads} />
        {documents.error && (
          <ErrorNotice error={documents.error} onRetry={() => void documents.refetch()} />
        )}
        <Card flush title="All documents" note={rows.length > 0 && 'newest first'}>
          {documents.isPending && <SkeletonRows label="Loading documents" />}
          {documents.data && rows.length === 0 && <NoDocuments />}
          {rows.length > 0 && (
            <ul className="divide-y border-t">
              {rows.map((document) => (
                <DocumentRow key={document.id} document={document} mayChange={mayUpload} />
              ))}
            </ul>
          )}
          {documents.hasNextPage && (
            <div className="border-t p-2 text-center">
              <Button
                look="quiet"
                busy={documents.isFetchingNextPage}
                onClick={() => void documents.fetchNextPage()}
              >
                Show older documents
              </Button>
            </div>
          )}
        </Card>
      </div>
    </>
  )
}

function NoDocuments() {
  return (
    <EmptyState
      icon="documents"
      title="No document yet"
      command={`curl ${location.origin}/v1/documents \\\n  -H "Authorization: Bearer $BASTIDE_KEY" \\\n  -F file=@scan.pdf`}
    >
      Drop a file above, or send one from a program:
    </EmptyState>
  )
}
