import { beforeAll, expect, test } from 'vitest'
import { runProgram } from '../helpers/run-program.js'

interface Packed {
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

let packed: Packed

beforeAll(async () => {
  const { code, stdout, stderr } = await runProgram('npm', ['pack', '--dry-run', '--json'])
  if (code !== 0) throw new Error(stderr)
  packed = readPacked(JSON.parse(stdout))
})

/** Every file of the package is one of these, and each of these is there: `+` once or more often. */
const EXPECTED = [
  { pattern: /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/, count: 4 },
  { pattern: /^dist\/(?:index|testing)\.(?:js|cjs|d\.ts|d\.cts)$/, count: 8 },
  { pattern: /^dist\/cli\/main\.js$/, count: 1 },
  { pattern: /^dist\/git-task\.1$/, count: 1 },
  // What the bundler puts between the entries.
  { pattern: /^dist\/[a-z-]+-[A-Za-z0-9_-]{8}\.(?:js|d\.ts|d\.cts)$/, count: '+' },
] as const

test('it has its entries, the program, the manual and what npm wants, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  expect(paths.filter((path) => !EXPECTED.some(({ pattern }) => pattern.test(path)))).toEqual([])
  for (const { pattern, count } of EXPECTED) {
    const found = paths.filter((path) => pattern.test(path))
    if (count === '+') expect(found, String(pattern)).not.toEqual([])
    else expect(found, String(pattern)).toHaveLength(count)
  }
})

test('it is small', () => {
  expect(packed.size).toBeLessThan(560_000)
  expect(packed.unpackedSize).toBeLessThan(2_150_000)
})

function readPacked(value: unknown): Packed {
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  if (isPacked(first)) return first
  throw new Error('npm pack says something else than it used to')
}

function isPacked(value: unknown): value is Packed {
  if (typeof value !== 'object' || value === null) return false
  return 'size' in value && 'unpackedSize' in value && 'files' in value && Array.isArray(value.files)
}
