import { memo, useMemo } from 'react'
import { useLanguage } from '../texts/language.ts'
import { classes } from '../ui/classes.ts'
import { type Block, parseBlocks } from './blocks.ts'
import { CodeBlock } from './code-block.tsx'
import { type Inline, parseInline } from './inline.ts'

/**
 * Shows text that a model or a document wrote. It is data: only React elements come out, links are
 * words with their address in sight, and nothing remote is ever loaded.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  useLanguage()
  const blocks = useMemo(() => parseBlocks(text), [text])
  return (
    <div className="space-y-3 break-words [&_li>p+*]:mt-1.5">
      <Blocks blocks={blocks} />
    </div>
  )
})

/** Blocks have no identity but their place, and a stream only adds at the end: the index is the key. */
function Blocks({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, index) => <BlockView key={index} block={block} />)
}

const headingSizes = ['text-lg', 'text-base', 'text-base', 'text-sm', 'text-sm', 'text-sm']

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      // A heading of the text is no heading of the page, so that the outline stays the console's.
      return (
        <p className={classes('font-semibold', headingSizes[block.level - 1])}>
          <Inlines text={block.text} />
        </p>
      )
    case 'paragraph':
      return (
        <p>
          <Inlines text={block.text} />
        </p>
      )
    case 'code':
      return <CodeBlock text={block.text} language={block.language} />
    case 'quote':
      return (
        <blockquote className="space-y-2 border-l-2 border-line-strong! pl-3 text-ink-2">
          <Blocks blocks={block.blocks} />
        </blockquote>
      )
    case 'list':
      return <ListView block={block} />
    case 'table':
      return <TableView block={block} />
    case 'rule':
      return <hr />
  }
}

function ListView({ block }: { block: Extract<Block, { kind: 'list' }> }) {
  const items = block.items.map((item, index) => (
    <li key={index} className="pl-0.5">
      <Blocks blocks={item} />
    </li>
  ))
  return block.ordered ? (
    <ol start={block.start} className="list-decimal space-y-1 pl-6 marker:text-ink-3">
      {items}
    </ol>
  ) : (
    <ul className="list-disc space-y-1 pl-5 marker:text-ink-3">{items}</ul>
  )
}

function TableView({ block }: { block: Extract<Block, { kind: 'table' }> }) {
  const align = (index: number) => (block.right[index] ? 'tabular text-right' : 'text-left')
  return (
    <div className="overflow-x-auto rounded-md border">
      <table className="w-full border-collapse">
        <thead className="bg-sunken">
          <tr>
            {block.head.map((cell, index) => (
              <th key={index} className={classes('px-2.5 py-1.5 font-medium', align(index))}>
                <Inlines text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, rowIndex) => (
            <tr key={rowIndex} className="border-t">
              {block.head.map((_, index) => (
                <td key={index} className={classes('px-2.5 py-1.5 align-top', align(index))}>
                  <Inlines text={row[index] ?? ''} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Inlines({ text }: { text: string }) {
  const parts = useMemo(() => parseInline(text), [text])
  return <InlineParts parts={parts} />
}

function InlineParts({ parts }: { parts: Inline[] }) {
  return parts.map((part, index) => <InlineView key={index} part={part} />)
}

function InlineView({ part }: { part: Inline }) {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'break':
      return <br />
    case 'code':
      return (
        <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{part.text}</code>
      )
    case 'strong':
      return (
        <strong className="font-semibold">
          <InlineParts parts={part.children} />
        </strong>
      )
    case 'emphasis':
      return (
        <em>
          <InlineParts parts={part.children} />
        </em>
      )
    case 'link':
      return (
        <span>
          {part.text} <span className="break-all text-ink-3">({part.address})</span>
        </span>
      )
  }
}
