const FILES = 30
const MOVING_FILES = 100

/** Where upstream moves on in a round that refreshes. */
export const MOVING_BRANCH = 'saved/moving'

/** What the upstream of every scenario holds: enough files that a checkout can be caught in the middle. */
export function upstreamFiles(): Record<string, string> {
  const names = Array.from({ length: FILES }, (_, n) => `folder-${n % 5}/file-${n}.txt`)
  return Object.fromEntries(names.map((name) => [name, `${name}\n`.repeat(20)]))
}

/** What that branch has besides, before and after: files that change, come and go, and folders in files' places. */
export function movingFiles(): readonly [Record<string, string>, Record<string, string>] {
  const numbers = Array.from({ length: MOVING_FILES }, (_, n) => n)
  const named = (name: (n: number) => string) =>
    Object.fromEntries(numbers.map((n) => [`moving/${name(n)}`, `${name(n)}\n`.repeat(1 + (n % 20))]))
  const old = { ...named((n) => `turned-${n}`), ...named((n) => `folder-${n}/file`) }
  const moved = {
    ...named((n) => `turned-${n}/file`),
    ...named((n) => `folder-${n}`),
    ...named((n) => `new-${n}`),
  }
  return [
    { ...old, 'moving/changed': 'old\n' },
    { ...moved, 'moving/changed': 'new\n' },
  ]
}
