import { useRoute } from 'wouter'
import { DocumentDetail } from './document-detail.tsx'
import { DocumentList } from './document-list.tsx'

export default function DocumentsPage() {
  const [match, params] = useRoute('/documents/:id')
  const id = match ? params.id : null
  return id ? <DocumentDetail key={id} id={id} /> : <DocumentList />
}
