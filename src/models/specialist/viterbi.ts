/** The most probable row of tags under rules of which tag may follow which (Viterbi, 1967). */

/** Tags are: outside, then for each label its beginning and its inside. */
export const tagCount = (labels: number) => 1 + 2 * labels
export const beginTag = (label: number) => 1 + 2 * label
export const insideTag = (label: number) => 2 + 2 * label
const labelOfTag = (tag: number) => (tag === 0 ? undefined : Math.floor((tag - 1) / 2))
const isInside = (tag: number) => tag > 0 && tag % 2 === 0

/** An inside follows only the beginning or inside of the same label; nothing else begins with an inside. */
export function mayFollow(previous: number | undefined, tag: number): boolean {
  if (!isInside(tag)) return true
  return previous === tag || previous === tag - 1
}

/**
 * `scores` are [tokens, tags], `transitions` [tags, tags] from one tag to the next.
 */
export function bestTags(
  scores: Float32Array,
  transitions: Float32Array,
  tags: number,
): Int32Array {
  const length = scores.length / tags
  const path = new Int32Array(length)
  if (length === 0) return path
  const from = new Int32Array(length * tags)
  let best = new Float64Array(tags)
  for (let tag = 0; tag < tags; tag++) {
    best[tag] = mayFollow(undefined, tag) ? scores[tag]! : Number.NEGATIVE_INFINITY
  }
  for (let place = 1; place < length; place++) {
    const next = new Float64Array(tags).fill(Number.NEGATIVE_INFINITY)
    for (let tag = 0; tag < tags; tag++) {
      for (let previous = 0; previous < tags; previous++) {
        if (!mayFollow(previous, tag)) continue
        const score = best[previous]! + transitions[previous * tags + tag]!
        if (score <= next[tag]!) continue
        next[tag] = score
        from[place * tags + tag] = previous
      }
      next[tag]! += scores[place * tags + tag]!
    }
    best = next
  }
  let tag = best.indexOf(Math.max(...best))
  for (let place = length - 1; place >= 0; place--) {
    path[place] = tag
    tag = from[place * tags + tag]!
  }
  return path
}

export interface Span {
  /** First token, and the one after the last. */
  start: number
  end: number
  label: number
}

export function spansOf(tags: ArrayLike<number>): Span[] {
  const spans: Span[] = []
  for (let place = 0; place < tags.length; place++) {
    const tag = tags[place]!
    if (tag === 0) continue
    const last = spans.at(-1)
    const label = labelOfTag(tag)!
    const goesOn = isInside(tag) && last?.end === place && last.label === label
    if (goesOn) last.end = place + 1
    else spans.push({ start: place, end: place + 1, label })
  }
  return spans
}
