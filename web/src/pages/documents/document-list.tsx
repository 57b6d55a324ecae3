import { curlOf } from '../../api/curl.ts'
import { useDocuments } from '../../api/documents.ts'
import { usePermission } from '../../api/session.ts'
import { t } from '../../texts/translate.ts'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Listing } from '../../ui/listing.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { DocumentRow } from './document-row.tsx'
import { DropZone } from './drop-zone.tsx'
import { UploadList } from './upload-list.tsx'
import { useUploads } from './uploads.ts'

const upload = { method: 'POST', path: '/v1/documents', formFile: 'scan.pdf' } as const

export function DocumentList() {
  const documents = useDocuments()
  const mayUpload = usePermission('documents:write')
  const uploads = useUploads()
  return (
    <>
      <PageHeader
        title={t('Documents')}
        description={t(
          'Scans, photos and PDFs become text with the place and the certainty of every word.',
        )}
        calls={mayUpload ? [upload] : []}
      />
      <div className="space-y-4">
        {mayUpload && <DropZone onFiles={uploads.add} />}
        <UploadList uploads={uploads} />
        <Card
          flush
          title={t('All documents')}
          note={documents.data?.length ? t('newest first') : null}
        >
          <Listing query={documents} loading={t('Loading documents')} empty={<NoDocuments />}>
            {(rows) => (
              <ul className="divide-y border-t">
                {rows.map((document) => (
                  <DocumentRow key={document.id} document={document} mayChange={mayUpload} />
                ))}
              </ul>
            )}
          </Listing>
          <MoreRows query={documents}>{t('Show older documents')}</MoreRows>
        </Card>
      </div>
    </>
  )
}

function NoDocuments() {
  return (
    <EmptyState
      icon="documents"
      title={t('No document yet')}
      command={curlOf(upload, location.origin)}
    >
      {t('Drop a file above, or send one from a program:')}
    </EmptyState>
  )
}
