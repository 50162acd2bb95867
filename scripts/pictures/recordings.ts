import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { record } from './record.js'
import { shopScene } from './shop-scene.js'
import type { TerminalPicture } from './terminal-picture.js'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const program = join(repository, 'dist/cli/main.js')

/** `git-task list` and `usage` over a root with a few tasks. */
export async function recordPrograms(): Promise<TerminalPicture> {
  const scene = await shopScene(program)
  try {
    const type = (verb: string) =>
      record({
        shown: `git task ${verb}`,
        command: `'${process.execPath}' '${program}' ${verb}`,
        columns: 132,
        cwd: repository,
        environment: { GIT_TASK_ROOT: scene.root },
      })
    const recordings = [await type('list --unsaved --size'), await type('usage')]
    return { title: 'What git task list and git task usage print', columns: 132, recordings }
  } finally {
    await scene.clear()
  }
}

/** The demo: what `npm run demo` starts, without what npm itself says. */
export async function recordDemo(): Promise<TerminalPicture> {
  const demo = await record({
    shown: 'npm run demo',
    command: `'${process.execPath}' --import tsx examples/demo/demo.ts`,
    columns: 96,
    cwd: repository,
    // A longer path would break its line elsewhere.
    environment: { TMPDIR: '/tmp' },
  })
  return {
    title: 'The demo: eight agents at once on one repository',
    columns: 96,
    recordings: [demo],
    window: 30,
  }
}
