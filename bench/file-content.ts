import { integerBelow, normal, type Random, seeded } from './random.js'

const POOL_BYTES = 2 * 1024 * 1024
const MEDIAN_BYTES = 2_200
/** With the median, a mean of 5 KiB and one file in a hundred above 40 KiB: a long tail, as in real trees. */
const DEVIATION = 1.3
const SMALLEST = 100
const LARGEST = 256 * 1024
const WORDS = 3_000
const SYLLABLES = [
  're',
  'to',
  'ken',
  'list',
  'ma',
  'nod',
  'par',
  'se',
  'val',
  'ue',
  'in',
  'dex',
  'er',
  'ry',
  'buf',
]
const SHAPES = [
  'const % = %(%)',
  'if (% === %) {',
  '}',
  'return %.%',
  '% = % + %',
  '',
  '// % % % %',
  '%.%(%, %)',
]

/** What the files of a repository hold: slices of two pools, so that a file costs no more than its copy. */
export class FileContent {
  readonly #text = textPool(seeded(1))
  readonly #bytes = bytePool(seeded(2))

  /** A file's content at a revision. Two revisions differ in one line somewhere in the file. */
  of(path: string, file: number, revision: number): Buffer {
    const random = seeded(file + 1_000)
    const size = sizeOf(random)
    const pool = isBinary(path) ? this.#bytes : this.#text
    const from = integerBelow(random, pool.length - size)
    const change = integerBelow(seeded(revision), size)
    const line = Buffer.from(`// ${path}, revision ${revision}\n`)
    return Buffer.concat([
      pool.subarray(from, from + change),
      line,
      pool.subarray(from + change, from + size),
    ])
  }
}

const isBinary = (path: string) => path.endsWith('.png')

function sizeOf(random: Random): number {
  const size = MEDIAN_BYTES * Math.exp(DEVIATION * normal(random))
  return Math.round(Math.min(LARGEST, Math.max(SMALLEST, size)))
}

/** Compresses about as well as source code does. */
function textPool(random: Random): Buffer {
  const words = Array.from({ length: WORDS }, () => word(random))
  const lines: string[] = []
  for (let length = 0; length < POOL_BYTES; length += lines.at(-1)?.length ?? 0)
    lines.push(line(random, words))
  return Buffer.from(lines.join(''))
}

function word(random: Random): string {
  const length = 1 + integerBelow(random, 4)
  return Array.from({ length }, () => SYLLABLES[integerBelow(random, SYLLABLES.length)]).join('')
}

function line(random: Random, words: readonly string[]): string {
  const shape = SHAPES[integerBelow(random, SHAPES.length)] ?? ''
  const indent = '  '.repeat(integerBelow(random, 4))
  // Squared, so that a few words are everywhere and most are rare.
  const anyWord = () => words[Math.floor(random() ** 2 * words.length)] ?? ''
  return `${indent}${shape.replaceAll('%', anyWord)}\n`
}

function bytePool(random: Random): Buffer {
  return Buffer.from(Uint32Array.from({ length: POOL_BYTES / 4 }, () => random() * 2 ** 32).buffer)
}
