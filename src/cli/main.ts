import { handleOutputErrors } from './output-errors.js'
import { formatOf, run } from './run.js'

handleOutputErrors(formatOf(process.argv))
process.exitCode = await run(process.argv)
