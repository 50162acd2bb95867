// Asks once whether a lock is abandoned, and ends orphans, wherever it is run.
//
//   node --import tsx ask-once.ts <lock>

import { isAbandoned } from '../../../src/git/abandoned-files.js'
import { endOrphans } from '../../../src/git/orphans.js'

const abandoned = await isAbandoned(process.argv[2] ?? '')
console.log(`${abandoned ? 'abandoned' : 'kept'}, ${await endOrphans()} ended`)
