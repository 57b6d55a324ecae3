/** Finds what looks like data about a person by its form; numbers with a check digit are checked. */

export interface Personal {
  kind: 'email' | 'iban' | 'card' | 'telephone'
  start: number
  end: number
}

const patterns: { kind: Personal['kind']; pattern: RegExp; holds(text: string): boolean }[] = [
  {
    kind: 'email',
    pattern: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu,
    holds: () => true,
  },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/g, holds: ibanHolds },
  { kind: 'card', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, holds: luhnHolds },
  { kind: 'telephone', pattern: /\+\d(?:[ ()/.-]{0,2}\d){7,14}\b/g, holds: () => true },
]

export function findPersonal(text: string): Personal[] {
  return patterns.flatMap(({ kind, pattern, holds }) =>
    [...text.matchAll(pattern)]
      .filter(([found]) => holds(found))
      .map(({ 0: found, index }) => ({ kind, start: index, end: index + found.length })),
  )
}

/** ISO 13616: the first four characters to the end, letters as 10 to 35, the whole modulo 97 is 1. */
function ibanHolds(text: string): boolean {
  const plain = text.replaceAll(' ', '')
  const turned = plain.slice(4) + plain.slice(0, 4)
  let rest = 0
  for (const character of turned) {
    for (const digit of Number.parseInt(character, 36).toString())
      rest = (rest * 10 + Number(digit)) % 97
  }
  return rest === 1
}

/** ISO/IEC 7812: every second digit from the right doubled, the sum of digits a multiple of 10. */
function luhnHolds(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, '')].map(Number).reverse()
  const sum = digits.reduce((total, digit, at) => {
    const doubled = at % 2 === 1 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0 && digits.some((digit) => digit !== 0)
}
