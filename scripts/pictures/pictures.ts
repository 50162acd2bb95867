// Makes the pictures of the documents. Recorded ones change with every run, in their times.
//
//   npm run pictures               all of them
//   npm run pictures -- drawn      only those that need no program to run

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layoutPicture } from './layout-picture.js'
import { lifePicture } from './life-picture.js'
import { recordDemo, recordPrograms } from './recordings.js'
import { terminalPicture } from './terminal-picture.js'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))

await write('layout.svg', layoutPicture())
await write('life.svg', lifePicture())
if (process.argv[2] !== 'drawn') {
  await write('list-and-usage.svg', terminalPicture(await recordPrograms()))
  await write('demo.svg', terminalPicture(await recordDemo()))
}

async function write(name: string, picture: string): Promise<void> {
  await writeFile(join(folder, name), picture)
  console.log(`docs/pictures/${name}`)
}
