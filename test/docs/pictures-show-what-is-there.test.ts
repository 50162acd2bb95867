import { readdirSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { ENTRIES, layoutPicture } from '../../scripts/pictures/layout-picture.js'
import { lifePicture, STATES, STEPS } from '../../scripts/pictures/life-picture.js'
import { recordDemo, recordPrograms } from '../../scripts/pictures/recordings.js'
import { rowsOf, type TerminalPicture } from '../../scripts/pictures/terminal-picture.js'
import { screenOf } from '../../scripts/pictures/terminal-screen.js'
import { LEGAL_TRANSITIONS } from '../../src/sessions/session-states.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import { comparableLines } from './comparable-output.js'

const checkedIn = (name: string) => readFileSync(join(repositoryRoot, 'docs/pictures', name), 'utf8')

describe('the picture of the layout', () => {
  test('is the one that its script makes', () => {
    expect(checkedIn('layout.svg'), 'npm run pictures').toBe(layoutPicture())
  })

  test('shows every file and folder of a root that is in use, and no other', async () => {
    const root = join(await temporaryDirectory(), 'root')
    await using _manager = await useRoot(root)
    const shown = ENTRIES.map(({ path }) => path)
    expect(
      shown.filter((path) => !existsAs(join(root, path), path.endsWith('/') ? 'folder' : 'file')),
    ).toEqual([])
    const folders = shown.filter((path) => /\/(\.git-task|tasks|task-42)\/$/.test(path))
    const there = folders.flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => `${folder}${name}`),
    )
    const known = shown.map((path) => path.replace(/\/$/, ''))
    expect(there.filter((path) => !known.includes(path) && !path.endsWith('/.gitignore'))).toEqual([])
    for (const { path, meaning } of ENTRIES) {
      const mode = /\((?<mode>0\d00)\)/.exec(meaning)?.groups?.['mode']
      if (mode !== undefined)
        expect((statSync(join(root, path)).mode & 0o777).toString(8)).toBe(mode.slice(1))
    }
  })
})

describe("the picture of a task's life", () => {
  test('is the one that its script makes', () => {
    expect(checkedIn('life.svg'), 'npm run pictures').toBe(lifePicture())
  })

  test('shows the states there are, and steps that are legal', () => {
    expect(Object.keys(STATES)).toEqual(Object.keys(LEGAL_TRANSITIONS))
    for (const { from, to } of STEPS) expect(LEGAL_TRANSITIONS[from], `${from} to ${to}`).toContain(to)
  })
})

// Lines of words, whose order may be that of their sizes; times, sizes, bars and paths are another matter.
describe.skipIf(process.platform !== 'linux')('recorded pictures show what is printed today', () => {
  test.each([
    { name: 'list-and-usage.svg', recorded: recordPrograms },
    { name: 'demo.svg', recorded: recordDemo },
  ])('$name', async ({ name, recorded }) => {
    expect(wordsOfPicture(checkedIn(name)).sort(), 'npm run pictures').toEqual(
      wordsOf(await recorded()).sort(),
    )
  })

  test('colours, overwritten lines and lines that are too long are drawn as a terminal shows them', () => {
    const output = 'one\r\n\u001B[2Ktwo \u001B[32mg\u001B[39m\r\n\u001B[1A\u001B[2Kthree\r\nabcdefgh'
    expect(screenOf(output, 6)).toEqual([
      [{ column: 0, text: 'one', style: '' }],
      [{ column: 0, text: 'three', style: '' }],
      [{ column: 0, text: 'abcdef', style: '' }],
      [{ column: 0, text: 'gh', style: '' }],
    ])
    expect(screenOf('a \u001B[1;31mb\u001B[0m', 9)).toEqual([
      [
        { column: 0, text: 'a', style: '' },
        { column: 2, text: 'b', style: 'strong red' },
      ],
    ])
  })
})

/** A task with all that it can be given, one with a run, and one that was archived. */
async function useRoot(root: string): Promise<WorkspaceManager> {
  const { url: source } = await createUpstream(join(root, '../upstream.git'))
  const manager = new WorkspaceManager({ root })
  const credentials = { token: 'secret', host: 'example.org' }
  await manager.prepare({ envId: 'shop', taskId: 'task-42', source, credentials })
  await manager.prepare({ envId: 'shop', taskId: 'task-43', runId: 'r2', source })
  const archived = await manager.prepare({ envId: 'shop', taskId: 'task-44', source })
  await writeFile(join(archived.workDir, 'work.txt'), 'work')
  await archived.cleanup()
  return manager
}

function existsAs(path: string, kind: 'file' | 'folder'): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return kind === 'folder' ? found?.isDirectory() === true : found?.isFile() === true
}

function wordsOf({ recordings, columns }: TerminalPicture): string[] {
  return rowsOf(recordings, columns).flatMap((spans) => words(spans.map(({ text }) => text).join(' ')))
}

function wordsOfPicture(svg: string): string[] {
  const rows = new Map<string, string[]>()
  for (const [, row = '', text = ''] of svg.matchAll(/<text [^>]*y="([\d.]+)"[^>]*>([^<]*)</g))
    rows.set(row, [...(rows.get(row) ?? []), text])
  return [...rows.values()].flatMap((texts) => words(unescaped(texts.join(' '))))
}

const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const words = (line: string) => comparableLines(line.replace(/file:\/\/\S+/g, '<place>').replace(/█+/g, ''))
