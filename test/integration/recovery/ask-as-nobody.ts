// Asks, without the superuser's privileges, whether a lock is abandoned: while a git of another user lives, and after.
//
//   node --import tsx ask-as-nobody.ts <lock> <pid of the git>

import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { isAbandoned } from '../../../src/git/abandoned-files.js'

const [, , lock = '', pid = ''] = process.argv
const PATIENCE_MS = 20_000

process.seteuid?.(65_534)
console.log((await isAbandoned(lock)) ? 'abandoned' : 'kept')
process.seteuid?.(0)
execFileSync('kill', ['-KILL', pid])
process.seteuid?.(65_534)
// Other gits of this machine, which cannot be looked into either, may have to end as well.
const deadline = performance.now() + PATIENCE_MS
let answer = await isAbandoned(lock)
while (!answer && performance.now() < deadline) {
  await delay(50)
  answer = await isAbandoned(lock)
}
console.log(answer ? 'abandoned' : 'kept')
