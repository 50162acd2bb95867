import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodeBlock } from './code-blocks.js'
import { isShownAs, keysOf } from './comparable-output.js'
import type { DocumentWorld } from './document-world.js'

/** A block as the document's shell runs it, in pieces that each have an output of their own. */
interface Piece {
  readonly place: string
  readonly script: string
  readonly expected: Expectation
}

type Expectation =
  | { readonly kind: 'success' }
  | { readonly kind: 'failure' }
  | { readonly kind: 'text' | 'json'; readonly shown: string; readonly ends: 'well' | 'either way' }

interface Ended {
  readonly code: number
  readonly output: string
}

const SEPARATOR = '\u001E'
/** Less than a test is given, which could not end what it has started. */
export const DEADLINE_MS = 110_000

/** Runs what can be run of a document, and answers a sentence for each block that is not as it says. */
export async function runDocument(
  world: DocumentWorld,
  blocks: readonly CodeBlock[],
  programs: ReadonlyMap<CodeBlock, string>,
): Promise<string[]> {
  const pieces = blocks.flatMap((block, at) => piecesOf(block, blocks[at + 1], programs))
  if (pieces.length === 0) return []
  const script = join(world.directory, 'document.sh')
  await writeFile(script, pieces.map((piece) => scriptOf(piece, world)).join('\n'))
  const ended = await runScript(script, world)
  return pieces.flatMap((piece, at) => problemOf(piece, ended[at], world))
}

function piecesOf(
  block: CodeBlock,
  next: CodeBlock | undefined,
  programs: ReadonlyMap<CodeBlock, string>,
): Piece[] {
  const { place, language, words, code } = block
  if (words.includes('no-run')) return []
  const saved = words.find((word) => word.endsWith('.mjs'))
  if (saved !== undefined)
    return [{ place, script: `cat > '${saved}' <<'END'\n${code}\nEND`, expected: { kind: 'success' } }]
  const program = programs.get(block)
  if (program !== undefined)
    return [{ place, script: `node '${program}'`, expected: expectation(block, next) }]
  if (language === 'sh') return [{ place, script: code, expected: expectation(block, next) }]
  if (language !== 'console') return []
  return consoleCommands(code).map(({ command, shown }) => ({
    place,
    script: command,
    expected: { kind: 'text', shown, ends: 'either way' },
  }))
}

function expectation({ words }: CodeBlock, next: CodeBlock | undefined): Expectation {
  const ends = words.includes('fails') ? 'either way' : 'well'
  if (next?.follows && !next.hidden && !next.words.includes('no-run')) {
    const { language, code } = next
    if (language === 'text' || language === 'json') return { kind: language, shown: code, ends }
  }
  return { kind: ends === 'well' ? 'success' : 'failure' }
}

/** The commands of a console, each with the lines below it. */
function consoleCommands(code: string): { command: string; shown: string }[] {
  const [before = '', ...parts] = `\n${code}`.split('\n$ ')
  if (before.trim() !== '') throw new Error(`a console begins with a command, not with '${before.trim()}'`)
  return parts.map((part) => {
    const lines = part.split('\n')
    const last = lines.findIndex((line, at) => !line.endsWith('\\') && !lines[at + 1]?.startsWith('> '))
    const command = lines.slice(0, last + 1).map((line) => line.replace(/^> /, ''))
    return { command: command.join('\n'), shown: lines.slice(last + 1).join('\n') }
  })
}

/** Variables and the current folder stay, and so does what `cd` and `export` did. */
function scriptOf({ script, expected }: Piece, world: DocumentWorld): string {
  const strict = expected.kind === 'success' || ('ends' in expected && expected.ends === 'well')
  return [
    strict ? 'set -e' : 'set +e',
    `{ :\n${world.localised(script)}\n} 2>&1`,
    `printf '${SEPARATOR}%s${SEPARATOR}' "$?"`,
  ].join('\n')
}

function runScript(script: string, { directory, environment }: DocumentWorld): Promise<Ended[]> {
  return new Promise((resolve, reject) => {
    const options = { cwd: directory, env: environment, detached: true } as const
    const shell = spawn('bash', ['--noprofile', '--norc', script], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const deadline = setTimeout(() => process.kill(-(shell.pid ?? 0), 'SIGKILL'), DEADLINE_MS)
    let output = ''
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    shell.on('error', reject)
    shell.on('close', (code) => {
      clearTimeout(deadline)
      resolve(endings(output, code ?? -1))
    })
  })
}

/** `output RS code RS output RS code RS …`; what comes last ended the shell itself. */
function endings(output: string, code: number): Ended[] {
  const parts = output.split(SEPARATOR)
  const ended: Ended[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    ended.push({ output: parts[at] ?? '', code: Number(parts[at + 1]) })
  }
  return code === 0 ? ended : [...ended, { output: parts.at(-1) ?? '', code }]
}

function problemOf({ place, expected }: Piece, ended: Ended | undefined, world: DocumentWorld): string[] {
  if (ended === undefined) return [`${place} was not reached`]
  const output = world.published(ended.output)
  const said = `it ended with ${ended.code} and said:\n${output}`
  if (expected.kind === 'failure') return ended.code === 0 ? [`${place} should have failed; ${said}`] : []
  if (expected.kind === 'success') return ended.code === 0 ? [] : [`${place} failed; ${said}`]
  if (expected.ends === 'well' && ended.code !== 0) return [`${place} failed; ${said}`]
  const { shown } = expected
  const matches = expected.kind === 'text' ? isShownAs(shown, output) : hasSameKeys(shown, output)
  return matches ? [] : [`${place} is shown with\n${shown}\nbut ${said}`]
}

function hasSameKeys(shown: string, output: string): boolean {
  const found = lastJson(output)
  const keys = (value: unknown) => keysOf(value).sort().join('\n')
  return found !== undefined && keys(JSON.parse(shown)) === keys(found.value)
}

/** What the last command printed, where those before it printed other things. */
function lastJson(output: string): { value: unknown } | undefined {
  const starts = [...output.matchAll(/^[[{]/gm)].map(({ index }) => index)
  for (const start of starts.reverse()) {
    const value = parsed(output.slice(start))
    if (value !== undefined) return { value }
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
