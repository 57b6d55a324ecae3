const space = /[ \t\r\n]*/y
const scalar =
  /"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * The offset at which a text stops being JSON. `JSON.parse` knows it, but browsers word it each in
 * their own way and some not at all.
 */
export function jsonErrorOffset(text: string): number {
  let at = 0
  const skip = () => {
    space.lastIndex = at
    space.test(text)
    at = space.lastIndex
  }
  const take = (character: string) => {
    skip()
    if (text[at] !== character) return false
    at += 1
    return true
  }
  const takeScalar = () => {
    scalar.lastIndex = at
    if (!scalar.test(text)) return false
    at = scalar.lastIndex
    return true
  }
  const takeName = () => {
    skip()
    return text[at] === '"' && takeScalar() && take(':')
  }
  const takeList = (end: string, takeItem: () => boolean): boolean => {
    if (take(end)) return true
    for (;;) {
      if (!takeItem()) return false
      if (take(end)) return true
      if (!take(',')) return false
    }
  }
  const takeValue = (): boolean => {
    if (take('{')) return takeList('}', () => takeName() && takeValue())
    if (take('[')) return takeList(']', takeValue)
    skip()
    return takeScalar()
  }
  takeValue()
  skip()
  return at
}
