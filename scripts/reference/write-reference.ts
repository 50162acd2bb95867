// Writes the pages that are generated from the code, and fails where something public has no doc comment.
//
//   npm run docs

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedPages } from './pages.js'
import { ROOT } from './source.js'

const { pages, warnings } = await generatedPages()
for (const [path, text] of Object.entries(pages)) {
  await mkdir(dirname(join(ROOT, path)), { recursive: true })
  await writeFile(join(ROOT, path), text)
}
for (const warning of warnings) console.error(warning)
if (warnings.length > 0) process.exitCode = 1
