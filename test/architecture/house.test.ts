import { describe, expect, test } from 'vitest'
import { noCycles } from './cycles.js'
import * as rules from './rules.js'
import { parseModule, readModules } from './source-module.js'

const src = await readModules('src')
const everything = await readModules('src', 'test', 'examples', 'bench')

test('there is a house to look at', () => {
  expect(src.map(({ path }) => path)).toContain('src/errors/error-code.ts')
})

interface Case {
  readonly promise: string
  readonly rule: rules.Rule
  /** Small files that break the rule, so that a rule that can no longer fail is noticed. */
  readonly bad: readonly Readonly<Record<string, string>>[]
  readonly files?: typeof src
}

const cases: readonly Case[] = [
  {
    promise: 'every file stands on a floor',
    rule: rules.everyFileHasAFloor,
    bad: [{ 'src/attic/box.ts': '' }, { 'src/stray.ts': '' }],
  },
  {
    promise: 'imports go to a lower floor or the own room',
    rule: rules.importsGoDown,
    bad: [
      { 'src/model/ids.ts': "import { run } from '../git/run.js'" },
      { 'src/model/ids.ts': "import type { Run } from '../git/run.js'" },
      { 'src/model/ids.ts': "export { run } from '../git/run.js'" },
      { 'src/model/ids.ts': "export type Run = import('../git/run.js').Run" },
      { 'src/model/ids.ts': "export const load = () => import('../git/run.js')" },
      { 'src/mirror/fetch.ts': "import { claim } from '../sessions/claim.js'" },
      { 'src/fs/locks.ts': "import { run } from '../git/run.js'" },
      { 'src/operations/prepare.ts': "import type { M } from '../workspace-manager.js'" },
      { 'src/workspace-manager.ts': "import { x } from './index.js'" },
    ],
  },
  {
    promise: 'each dependency is imported in its home only',
    rule: rules.dependenciesStayAtHome,
    bad: [
      { 'src/mirror/fetch.ts': "import { simpleGit } from 'simple-git'" },
      { 'src/workspace.ts': "import type { SimpleGit } from 'simple-git'" },
      { 'src/fs/trash.ts': "import lockfile from 'proper-lockfile'" },
      { 'src/sessions/store.ts': "import fse from 'fs-extra/esm'" },
      { 'src/operations/prepare.ts': "import { z } from 'zod'" },
      { 'src/index.ts': "import { Command } from 'commander'" },
      { 'src/task-files/write.ts': "import { spawn } from 'node:child_process'" },
      { 'src/task-files/write.ts': "const { spawn } = require('node:child_process')" },
      { 'src/git/run.ts': "import { left } from 'left-pad'" },
    ],
  },
  {
    promise: 'the cli uses the public surface only',
    rule: rules.cliUsesThePublicSurface,
    bad: [
      { 'src/cli/main.ts': "import { run } from '../operations/prepare.js'" },
      { 'src/cli/main.ts': "import { WorkspaceManager } from '../index.js'" },
      { 'src/cli/commands/list.ts': "import { z } from 'zod'" },
    ],
  },
  {
    promise: 'only operations emit events',
    rule: rules.onlyOperationsEmitEvents,
    bad: [
      { 'src/mirror/fetch.ts': "import type { Bus } from '../events/bus.js'" },
      { 'src/workspace.ts': "import { Bus } from './events/bus.js'" },
    ],
  },
  {
    promise: 'no import cycles',
    rule: noCycles,
    bad: [
      { 'src/git/a.ts': "import './b.js'", 'src/git/b.ts': "import type { A } from './a.js'" },
      {
        'src/git/a.ts': "import './b.js'",
        'src/git/b.ts': "import './c.js'",
        'src/git/c.ts': "import './a.js'",
      },
    ],
  },
  {
    promise: 'no file is longer than 250 lines',
    rule: rules.filesStaySmall,
    bad: [{ 'examples/long.ts': 'let line\n'.repeat(251) }],
    files: everything,
  },
  {
    promise: 'no error is swallowed',
    rule: rules.noEmptyCatch,
    bad: [
      { 'src/git/run.ts': 'try { run() } catch {}' },
      { 'src/git/run.ts': 'try { run() } catch (error) { /* never mind */ }' },
      { 'src/git/run.ts': 'run().catch(() => {})' },
    ],
    files: everything,
  },
  {
    promise: 'no drawers',
    rule: rules.noDrawers,
    bad: [{ 'src/utils/git.ts': '' }, { 'src/git/helpers.ts': '' }],
  },
  {
    promise: 'no barrels but the entries',
    rule: rules.noBarrels,
    bad: [{ 'src/git/index.ts': 'export const a = 1' }, { 'src/git/all.ts': "export * from './run.js'" }],
  },
]

const named = cases.map((each) => [each.promise, each] as const)

describe.each(named)('%s', (_promise, { rule, bad, files = src }) => {
  test('holds', () => expect(rule(files)).toEqual([]))

  test.each(bad)('can fail: %j', (example) => {
    const modules = Object.entries(example).map(([path, text]) => parseModule(path, text))
    expect(rule(modules)).not.toEqual([])
  })
})
