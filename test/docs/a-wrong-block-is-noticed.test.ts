import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'
import { codeBlocks } from './code-blocks.js'
import { isShownAs } from './comparable-output.js'
import { documentWorld } from './document-world.js'
import { runDocument } from './run-document.js'

const page = (...blocks: readonly (readonly string[])[]) =>
  codeBlocks('page.md', blocks.map((lines) => lines.join('\n')).join('\n\n'))

const block = (language: string, ...code: readonly string[]) => [`\`\`\`${language}`, ...code, '```']

describe('what a document says is found wrong', () => {
  test.each([
    { why: 'a command fails', blocks: [block('sh', 'true', 'false', 'true')] },
    { why: 'a command that should fail does not', blocks: [block('sh fails', 'true')] },
    { why: 'another output is shown', blocks: [block('sh', 'echo one'), block('text', 'two')] },
    { why: 'less is shown', blocks: [block('console', '$ echo one; echo two', 'one')] },
    { why: 'other keys are shown', blocks: [block('sh', 'echo \'{"a":1}\''), block('json', '{ "b": 1 }')] },
    { why: 'what is shown as JSON is none', blocks: [block('sh', 'echo a'), block('json', '{}')] },
    { why: 'it ends before its last block', blocks: [block('sh', 'exit 0'), block('sh', 'true')] },
  ])('where $why', async ({ blocks }) => {
    const world = await documentWorld(join(await temporaryDirectory(), 'world'))
    expect(await runDocument(world, page(...blocks), new Map())).not.toEqual([])
  })

  test('and only there', async () => {
    const world = await documentWorld(join(await temporaryDirectory(), 'world'))
    const blocks = page(
      ['<!-- sh', 'name=hidden', '-->'],
      block('sh', 'echo "$name at 2024-01-01T00:00:00.000Z, 12 kB"', 'cd /home/me/shop'),
      block('text', 'hidden at 2030-12-31T23:59:59.999Z,   3.4 MB'),
      block('console', '$ pwd', '/home/me/shop', '$ no-such-command', '…', '$ echo a \\', '>   b', 'a b'),
      block('sh fails', 'false'),
      block('text', 'no output of what is before'),
      block('sh no-run', 'exit 1'),
      block('json', '{}'),
    )
    expect(await runDocument(world, blocks, new Map())).toEqual([
      expect.stringContaining('no output of what is before'),
    ])
  })
})

test('blocks know their reason, their words and their place', () => {
  const [first, indented, ...more] = codeBlocks(
    'page.md',
    [
      '<!-- no-run: why -->',
      '',
      '```sh no-run',
      'a',
      '```',
      '- item',
      '  ```ts',
      '  b',
      '    c',
      '  ```',
    ].join('\n'),
  )
  expect(first).toMatchObject({ place: 'page.md:3', language: 'sh', words: ['no-run'], reason: 'why' })
  expect(indented).toMatchObject({ language: 'ts', code: 'b\n  c', follows: false })
  expect(indented?.reason).toBeUndefined()
  expect(more).toEqual([])
  expect(() => codeBlocks('page.md', '```sh\nnever ended')).toThrow('does not end')
})

test.each([
  { shown: 'a …\n…\nz', output: 'a b\nc\nd\nz', same: true },
  { shown: '…\nz', output: 'z', same: true },
  { shown: 'ready in 5 ms', output: 'ready in 1.2 s', same: true },
  { shown: '3 removed', output: '4 removed', same: false },
  { shown: 'a.b', output: 'a-b', same: false },
  { shown: '', output: 'something', same: false },
])('$shown is shown for $output: $same', ({ shown, output, same }) => {
  expect(isShownAs(shown, output)).toBe(same)
})
