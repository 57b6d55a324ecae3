import { createElement, Fragment, type ReactNode } from 'react'
import type { Text } from './catalogue.ts'
import { messageOf, type Values } from './translate.ts'

/** What the tags of a text become. */
const tags = {
  code: (content: ReactNode) => <code className="font-mono">{content}</code>,
  strong: (content: ReactNode) => <span className="font-semibold text-ink">{content}</span>,
  /** Said by a screen reader only, to which a button's place says nothing. */
  hidden: (content: ReactNode) => <span className="sr-only">{content}</span>,
}

/** A text with tags in it, or with elements for its arguments, as one sentence to translate. */
export function rich<T extends Text>(text: T, ...[values]: Values<T, ReactNode>): ReactNode {
  const parts = messageOf(text).format<ReactNode>({ ...ofParts, ...values })
  return Array.isArray(parts) ? spread(parts) : parts
}

/** Parts of a sentence stay in their places: as children they need no keys. */
const spread = (parts: ReactNode[]) => createElement(Fragment, null, ...parts)

const ofParts = Object.fromEntries(
  Object.entries(tags).map(([name, make]) => [name, (parts: ReactNode[]) => make(spread(parts))]),
)
