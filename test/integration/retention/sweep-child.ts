// Sweeps a root once and prints the report. As root it becomes another user first where that is asked for, since root
// is stopped by no permission.
//
//   [AS_NOBODY=yes] node --import tsx sweep-child.ts <root> <the time to go by>

import { WorkspaceManager } from '../../../src/index.js'

const NOBODY = 65_534
const [, , root = '', now = ''] = process.argv
if (process.env['AS_NOBODY'] === 'yes' && process.getuid?.() === 0) process.seteuid?.(NOBODY)
const manager = new WorkspaceManager({ root })
const report = await manager.sweep({ now: new Date(now) })
await manager.close()
console.log(JSON.stringify(report))
