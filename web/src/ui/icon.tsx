import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** Drawn on a 24-unit grid with one stroke width, so that they sit together. */
const shapes = {
  overview: <path d="M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z" />,
  playground: <path d="M4 5h16v11h-8l-4.5 4V16H4zM8 9.2h8M8 12.2h5" />,
  documents: <path d="M6 3h8l5 5v13H6zM14 3v5h5M9 13h7M9 16.5h5" />,
  models: <path d="m12 3 8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9" />,
  usage: <path d="M4 20h16M6.5 16.5v-5M12 16.5V5M17.5 16.5v-8" />,
  audit: <path d="M12 3 5 6v5.5c0 4.3 2.9 7.6 7 9.5 4.1-1.9 7-5.2 7-9.5V6zM9 11.8l2.2 2.2 4-4.4" />,
  egress: <path d="M13 5H5v14h8M10 12h10M16 8l4 4-4 4" />,
  access: (
    <path d="M9 5a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 9 5zM3 19.5c.4-3.3 2.8-5 6-5s5.6 1.700 6 5M15.500 5.500a3 3 0 0 1 0 5.600M17.500 14.900c2 .6 3.200 2.200 3.500 4.600" />
  ),
  search: <path d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20" />,
  sun: (
    <path d="M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
  ),
  moon: <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z" />,
  monitor: <path d="M4 4.5h16v11H4zM9 20h6M12 15.5V20" />,
  language: (
    <path d="M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c2.5 2.4 3.6 5.2 3.6 8.5s-1.1 6.1-3.6 8.5c-2.5-2.4-3.6-5.2-3.6-8.5s1.1-6.1 3.6-8.5z" />
  ),
  'sign-out': <path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9" />,
  copy: <path d="M9 9h11v11H9zM15 9V4H4v11h5" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  'chevron-down': <path d="m6 9.5 6 6 6-6" />,
  'chevron-right': <path d="m9.5 6 6 6-6 6" />,
  'chevron-left': <path d="m14.5 6-6 6 6 6" />,
  plus: <path d="M12 5v14M5 12h14" />,
  minus: <path d="M5 12h14" />,
  upload: <path d="M12 16V4.5M7 9l5-5 5 5M4 15v5h16v-5" />,
  download: <path d="M12 4v11.5M7 11l5 5 5-5M4 15.5V20h16v-4.5" />,
  stop: <path d="M7 7h10v10H7z" fill="currentColor" />,
  send: <path d="M12 19V5M6 11l6-6 6 6" />,
  rollback: <path d="M4 9.5h10.5a5 5 0 0 1 0 10H9M4 9.5 8.5 5M4 9.5 8.5 14" />,
  promote: <path d="M12 20V9M7 13l5-5 5 5M5 4h14" />,
  history: <path d="M4.5 5v4h4M4.8 9a8 8 0 1 1-.6 4.5M12 8v4.5l3 2" />,
  alert: <path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 16.9v.2" />,
  info: <path d="M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.2M12 7.8v.2" />,
  more: <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="2.6" />,
  trash: <path d="M4 6.5h16M9 6.5V4h6v2.5M6.5 6.5 7.5 20h9l1-13.5M10 10.5v6M14 10.5v6" />,
  bolt: <path d="M13 3 5 13.5h6L10 21l9-11.5h-6.5z" />,
  sliders: (
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM9 14.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z" />
  ),
  key: <path d="M8 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11.2 12.3 20 3.5M16 7.5l3 3" />,
  retry: <path d="M19.5 5v4.5H15M19 9.3A8 8 0 1 0 20 13" />,
  code: <path d="m8 7-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof shapes

/** A decorative icon: the text beside it, or the aria-label of its button, says what it means. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      className={classes('size-4 shrink-0', className)}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {shapes[name]}
    </svg>
  )
}
