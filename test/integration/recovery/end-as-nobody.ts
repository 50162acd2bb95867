// Ends orphans without the superuser's privileges, and says how many.
//
//   TEST_HOST=<name> node --import tsx end-as-nobody.ts

import './test-host.js'
import { endOrphans } from '../../../src/git/orphans.js'

process.setuid?.(65_534)
console.log(await endOrphans())
