import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds on a page that keeps somebody from using it: its serious and critical violations,
 * each with the first elements that have it. The source is evaluated by the debugger's protocol, as
 * the page's own policy admits no foreign script.
 */
export async function barriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  return page.evaluate(async () => {
    // What is still fading in is fainter than it will be.
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
    await Promise.allSettled(ending.map(({ finished }) => finished))
    const { axe: checker } = window as unknown as { axe: typeof axe }
    const { violations } = await checker.run(document, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => {
        const places = nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))
        return `${id} (${nodes.length}): ${places.join(' | ')}: ${nodes[0]?.failureSummary}`
      })
  })
}
