import { run } from './run.js'
import { handleOutputErrors } from './write-line.js'

handleOutputErrors()
process.exitCode = await run(process.argv)
