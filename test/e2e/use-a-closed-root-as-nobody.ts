// Gives every command a root that another user may not read, and prints how each ends. Started as root it becomes
// another user first, since root is stopped by no permission.
//
//   node --import tsx use-a-closed-root-as-nobody.ts <root> <command lines, as JSON>

import { chmod } from 'node:fs/promises'
import { gitTask as programInProcess } from '../helpers/run-git-task.js'
import type { ProgramResult } from '../helpers/run-program.js'

const NOBODY = 65_534
const [, , root = '', commands = '[]'] = process.argv
await chmod(root, 0o000)
if (process.getuid?.() === 0) {
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
}
const answers: Record<string, ProgramResult> = {}
for (const line of JSON.parse(commands))
  answers[line] = await programInProcess('--root', root, ...line.split(' '))
process.stdout.write(`${JSON.stringify(answers)}\n`)
