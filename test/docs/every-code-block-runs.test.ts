import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'
import type { CodeBlock } from './code-blocks.js'
import { type DocumentWorld, documentWorld } from './document-world.js'
import { type Document, documents } from './documents.js'
import { compileModules, type ModuleBlock } from './module-blocks.js'
import { DEADLINE_MS, runDocument } from './run-document.js'

/** How many blocks may say that they cannot run. */
const MOST_NOT_RUN = 12

const RUN = ['sh', 'console', 'ts', 'js']
const SHOWN = ['text', 'json']
/** Looked at by units-and-cron-lines-can-be-used.test.ts. */
const ELSEWHERE = ['ini', 'crontab']
const KNOWN = [...RUN, ...SHOWN, ...ELSEWHERE]

const all = documents()
const blocks = all.flatMap((document) => document.blocks)
// Those that do not run are compiled all the same.
const isModule = ({ language, hidden }: CodeBlock) => (language === 'ts' || language === 'js') && !hidden
const runs = ({ language, words }: CodeBlock) => RUN.includes(language) && !words.includes('no-run')
const running = all.filter((document) => document.blocks.some((block) => runs(block) || isModule(block)))
// Those of the README are run with the package as npm installs it, in test/e2e/what-npm-installs-works.test.ts.
const runHere = running.filter(({ file }) => file !== 'README.md')

test('every block says what it is in, and one that does not run says why', () => {
  const notRun = blocks.filter(({ words }) => words.includes('no-run'))
  const unknown = blocks.filter(
    ({ language, words }) => !KNOWN.includes(language) && !words.includes('no-run'),
  )
  expect(unknown.map(({ place, language }) => `${place} ${language}`)).toEqual([])
  expect(notRun.filter(({ reason }) => reason === undefined).map(({ place }) => place)).toEqual([])
  const list = notRun.map(({ place, reason }) => `${place}: ${reason}`)
  expect(list.length, `too many blocks are not run:\n${list.join('\n')}`).toBeLessThanOrEqual(MOST_NOT_RUN)
})

test('what is JSON can be parsed', () => {
  const json = blocks.filter(({ language, words }) => language === 'json' && !words.includes('no-run'))
  for (const { place, code } of json) expect(() => JSON.parse(code), place).not.toThrow()
})

describe('blocks', () => {
  const worlds = new Map<Document, DocumentWorld>()
  const programs = new Map<CodeBlock, string>()
  let problems: string[] = []

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    for (const [number, document] of running.entries())
      worlds.set(document, await documentWorld(join(directory, `world-${number}`)))
    const modules = [...worlds].flatMap(([document, world]) => modulesOf(document, world))
    const compiled = await compileModules(join(directory, 'modules'), modules)
    problems = compiled.problems
    for (const { block, program } of compiled.compiled) programs.set(block, program)
  })

  afterAll(() => {
    worlds.clear()
    programs.clear()
  })

  test('compile', () => {
    expect(problems).toEqual([])
  })

  test.each(runHere.map((document) => ({ file: document.file, document })))(
    'of $file do what it says',
    async ({ document }) => {
      const world = worlds.get(document)
      if (world === undefined) throw new Error('there is no world')
      expect((await runDocument(world, document.blocks, programs)).join('\n\n')).toBe('')
    },
    DEADLINE_MS + 10_000,
  )
})

/** Each block with the hidden ones since the last one in front of it. */
function modulesOf({ blocks: own }: Document, world: DocumentWorld): ModuleBlock[] {
  const modules: ModuleBlock[] = []
  let before = ''
  for (const block of own) {
    if (block.hidden && block.language === 'ts') before += `${block.code}\n`
    if (!isModule(block)) continue
    modules.push({ block, world, code: `${before}${block.code}\n` })
    before = ''
  }
  return modules
}
