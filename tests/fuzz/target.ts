/** What is fuzzed: one intake of bytes from outside, and what must hold of it whatever comes. */
export interface FuzzTarget {
  name: string
  /** Sound inputs to begin with, made here. */
  seeds(): Promise<Buffer[]>
  /** Pieces that mean something in the format. */
  dictionary: readonly (string | Uint8Array)[]
  /**
   * Takes an input in. Returns a word for what happened, such as the reason of a refusal: inputs with new
   * outcomes are mutated further. Throws when something happened that must not.
   */
  take(bytes: Buffer): Promise<string>
  /** Makes checksums and signatures right again, so that what lies behind them is reached. */
  repair?(bytes: Buffer): void
  /** An input may take this long. */
  patienceMs: number
  close?(): Promise<void>
}

export const targetNames = [
  'gguf',
  'onnx',
  'safetensors',
  'pdf',
  'image',
  'multipart',
  'json-lines',
  'bundle',
  'backup',
] as const
export type TargetName = (typeof targetNames)[number]

export async function loadTarget(name: TargetName): Promise<FuzzTarget> {
  const { target } = (await import(`./targets/${name}.ts`)) as { target: FuzzTarget }
  return target
}

/** What a refusal was about: its words without the numbers and names of this input. */
export function outcomeOf(message: string): string {
  return message
    .replace(/"[^"]*"/g, '""')
    .replace(/[0-9a-f]{12,}|-?\d+/g, '#')
    .slice(0, 80)
}
