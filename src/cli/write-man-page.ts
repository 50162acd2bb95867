import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { manPage } from './man-page.js'
import { buildProgram } from './program.js'

// Run by `npm run build`: the manual page of the package, which `git task --help` shows.
const file = fileURLToPath(new URL('../../dist/git-task.1', import.meta.url))
await writeFile(file, manPage(buildProgram('text')))
