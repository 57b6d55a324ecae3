import { createContext, useContext } from 'react'

/**
 * Where floating things are drawn: the body, or the open modal. A modal dialog lies above everything
 * else and makes the rest inert, so a tooltip inside it must be its child.
 */
export const LayerContext = createContext<HTMLElement | null>(null)

export function useLayer(): HTMLElement | null {
  return useContext(LayerContext)
}
