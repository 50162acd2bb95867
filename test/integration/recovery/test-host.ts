// Gives the processes of one test a host name of their own, so that those of other tests are on another host for them.
// Imported first by the child processes, which find the name in their environment.

import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

const { TEST_HOST: name } = process.env
if (name === undefined) throw new Error('TEST_HOST is not set')
os.hostname = () => name
syncBuiltinESMExports()
