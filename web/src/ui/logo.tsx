/** A town on a grid: four walls, straight streets, one square in the middle. */
export function Logo({ className = 'size-7' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" className={className}>
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <g fill="none" className="stroke-on-accent">
        <path d="M7 7h18v18H7z" strokeWidth="2.2" />
        <path d="M13 7v18M19 7v18M7 13h18M7 19h18" strokeWidth="1.4" opacity=".5" />
      </g>
      <path d="M13 13h6v6h-6z" className="fill-on-accent" />
    </svg>
  )
}
