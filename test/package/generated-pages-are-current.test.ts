import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { generatedPages, type Pages } from '../../scripts/reference/pages.js'
import { repositoryRoot } from '../helpers/run-program.js'

let generated: Pages

beforeAll(async () => {
  generated = await generatedPages()
}, 120_000)

test.each(['docs/events.md', 'docs/errors.md', 'docs/api/index.md', 'docs/api/testing.md'])(
  '%s says what the code says; otherwise run `npm run docs`',
  async (page) => {
    expect(await pageAt(page)).toBe(generated.pages[page])
  },
)

test('the public API is the one that is written down; where a change is meant, `npm run docs` accepts it', async () => {
  expect(await pageAt('docs/api/declarations.md')).toBe(generated.pages['docs/api/declarations.md'])
})

test('no other page is generated', () => {
  expect(Object.keys(generated.pages)).toHaveLength(5)
})

test('everything public has a doc comment, and every link in one leads somewhere', () => {
  expect(generated.warnings).toEqual([])
})

function pageAt(path: string): Promise<string> {
  return readFile(join(repositoryRoot, path), 'utf8')
}
