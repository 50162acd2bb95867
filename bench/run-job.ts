import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { endOf, startChild } from './children.js'
import type { Job } from './jobs.js'
import { plainEnvironment } from './plain-programs.js'

const CHILD = fileURLToPath(new URL('./measuring-child.ts', import.meta.url))

/** Without the paths that lead to the source: the children measure the built package, as users run it. */
const TSCONFIG = fileURLToPath(new URL('../tsconfig.built.json', import.meta.url))

/** Lets a child measure, with `path` as its PATH where one is given. */
export async function runJob<Result>(job: Job, schema: z.ZodType<Result>, path?: string): Promise<Result> {
  const ownPath = path === undefined ? {} : { PATH: path }
  const child = startChild(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(job)], {
    env: { ...process.env, ...plainEnvironment, ...ownPath, TSX_TSCONFIG_PATH: TSCONFIG },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let message: unknown
  child.once('message', (received) => {
    message = received
  })
  const code = await endOf(child, `the measuring of ${job.kind}`)
  if (code !== 0) throw new Error(`the measuring of ${job.kind} ended with exit code ${code}`)
  return schema.parse(message)
}
