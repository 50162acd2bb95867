import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bundledOnce } from '../../helpers/child-program.js'
import { tryGit } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'

const orchestrator = fileURLToPath(new URL('./hook-orchestrator.ts', import.meta.url))

/** A strategy, a hook, a variable of git that only that hook has, and what starts it. */
const CASES = [
  ['worktree', 'post-commit', 'GIT_INDEX_FILE', ['commit', '--quiet', '-m', 'Outer']],
  [
    'worktree',
    'pre-commit',
    'GIT_DIR',
    ['--git-dir=.git', '--work-tree=.', 'commit', '--quiet', '-m', 'Outer'],
  ],
  ['clone', 'pre-receive', 'GIT_QUARANTINE_PATH', ['push', '--quiet', '.', 'HEAD:refs/heads/other']],
] as const

interface HookResult {
  readonly found: string
  readonly commit: string
  readonly viaHandle: string
  readonly action: string
  readonly inherited: readonly string[]
  readonly outerStays: boolean
}

describe.concurrent.each(CASES)('%s in a %s hook, with %s', (strategy, hook, variable, command) => {
  test('commits, pushes and is removed, and the outer repository stays as it is', async () => {
    const directory = await temporaryDirectory()
    const upstream = await createUpstream(join(directory, 'shop.git'))
    const outer = await createUpstream(join(directory, 'outer'), { bare: false })
    const resultFile = join(directory, 'result.json')
    await installHook(outer, hook, [join(directory, 'root'), upstream.url, strategy, resultFile])
    await changeOuter(outer, hook)

    const ran = await tryGit(outer.path, ...command)
    expect(ran).toMatchObject({ code: 0 })
    const result = JSON.parse(await readFile(resultFile, 'utf8')) as HookResult
    expect(result.inherited, 'the control: git has told the hook of the outer repository').toContain(variable)
    expect(result).toMatchObject({ found: '', action: 'removed', outerStays: true })
    expect(result.viaHandle).toBe(result.commit)
    expect(await upstream.head('agent/default/task')).toBe(result.commit)
    expect(await outer.git('status', '--porcelain')).toBe('')
  })
})

async function installHook(outer: Upstream, hook: string, args: readonly string[]): Promise<void> {
  const file = join(outer.path, '.git', 'hooks', hook)
  const command = [process.execPath, bundledOnce(orchestrator), outer.path, ...args]
  await mkdir(join(outer.path, '.git', 'hooks'), { recursive: true })
  await writeFile(file, `#!/bin/sh\nexec ${command.map(shellQuoted).join(' ')}\n`)
  await chmod(file, 0o755)
}

async function changeOuter(outer: Upstream, hook: string): Promise<void> {
  await writeFile(join(outer.path, 'outer.txt'), 'outer\n')
  await outer.git('add', '-A')
  if (hook === 'pre-receive') await outer.git('commit', '--quiet', '-m', 'Outer')
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
