/** A document's text as one file. */
import type { Scope } from '../../access/scope.ts'
import type { Documents, PageContent } from './documents.ts'

export type TextFormat = 'markdown' | 'text' | 'json'

export async function documentText(
  documents: Documents,
  scope: Scope,
  id: string,
  format: TextFormat,
) {
  const { pages } = await documents.get(scope, id)
  const contents: PageContent[] = []
  for (const { index } of pages) contents.push(await documents.page(scope, id, index))
  if (format === 'json') {
    const content = JSON.stringify({ id, pages: contents }, null, 2)
    return { content, mimeType: 'application/json', extension: 'json' }
  }
  if (format === 'markdown') {
    const content = contents.map((page) => page.markdown).join('\n\n---\n\n')
    return { content, mimeType: 'text/markdown', extension: 'md' }
  }
  // A form feed between pages, as text tools expect.
  return { content: contents.map(plainText).join('\f'), mimeType: 'text/plain', extension: 'txt' }
}

function plainText(page: PageContent): string {
  const lines = Map.groupBy(page.words, (word) => word.line)
  return [...lines.values()].map((words) => words.map((word) => word.text).join(' ')).join('\n')
}
