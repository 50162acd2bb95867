// Gives every command a root that another user may not read, and prints how each ends. Started as root it becomes
// another user first, since root is stopped by no permission.
//
//   node --import tsx use-a-closed-root-as-nobody.ts <root>

import { chmod } from 'node:fs/promises'
import { reportFailure } from '../../src/cli/failure.js'
import { buildProgram } from '../../src/cli/program.js'

const COMMANDS = [
  'prepare shop task',
  'list',
  'show shop task',
  'env shop task',
  'path shop task --work-dir',
  'refresh shop task',
  'finish shop task failed',
  'cleanup shop task',
  'sweep --yes',
  'archives',
  'restore shop task',
  'usage',
  'audit shop',
] as const

const NOBODY = 65_534
const [, , root = ''] = process.argv
await chmod(root, 0o000)
if (process.getuid?.() === 0) {
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
}
const answers: Record<string, { code: number; said: string }> = {}
for (const line of COMMANDS) answers[line] = await outcomeOf(line)
process.stdout.write(`${JSON.stringify(answers)}\n`)
process.exitCode = 0

async function outcomeOf(line: string): Promise<{ code: number; said: string }> {
  const said: unknown[] = []
  console.error = (...parts: unknown[]) => void said.push(...parts)
  console.log = console.error
  const code = await buildProgram('text')
    .parseAsync(['--root', root, ...line.split(' ')], { from: 'user' })
    .then(
      () => Number(process.exitCode ?? 0),
      (error: unknown) => reportFailure(error, 'text'),
    )
  return { code, said: said.join('\n') }
}
