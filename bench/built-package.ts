import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { present } from './present.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Builds the package where that was not done since the source was last changed. */
export async function buildPackage(): Promise<void> {
  const built = join(ROOT, 'dist/index.js')
  if ((await present(built)) && (await changedAt(built)) > (await newestChange(join(ROOT, 'src')))) return
  await promisify(execFile)('npm', ['run', 'build', '--silent'], { cwd: ROOT })
}

async function newestChange(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true })
  return Math.max(...(await Promise.all(names.map((name) => changedAt(join(directory, name))))))
}

async function changedAt(path: string): Promise<number> {
  return (await stat(path)).mtimeMs
}
