// A small orchestrator that kills itself with SIGKILL before one named step of one operation.
//
//   node crash-child.mjs '{"root":…,"source":…,"strategy":…,"operation":…,"step":…}'

import { readFileSync } from 'node:fs'
import { parseManagerOptions } from '../../src/model/options.js'
import { parsePrepareRequest } from '../../src/model/prepare-request.js'
import { cleanup } from '../../src/operations/cleanup.js'
import { openServices } from '../../src/operations/open-services.js'
import { prepare } from '../../src/operations/prepare.js'
import { refresh } from '../../src/operations/refresh.js'
import { restore } from '../../src/operations/restore.js'

export interface CrashPlan {
  readonly root: string
  readonly source: string | undefined
  readonly strategy: string
  readonly verb: 'prepare' | 'cleanup' | 'refresh' | 'restore'
  readonly operation: string
  readonly step: string
  readonly keep?: 'artifacts' | 'nothing'
  readonly keepFailed?: boolean
  readonly onUnsavedWork?: 'archive' | 'discard' | 'refuse'
}

const plan: CrashPlan = JSON.parse(process.argv[2] ?? readFileSync(0, 'utf8'))
const settings = parseManagerOptions({}, { root: plan.root, parallelism: 2 })
const services = openServices(settings, [], {
  beforeStep: (operation, step) => {
    if (operation === plan.operation && step === plan.step) process.kill(process.pid, 'SIGKILL')
  },
})
const key = { envId: 'shop', taskId: 'task' }
const { source, strategy, keep, keepFailed, onUnsavedWork } = plan
if (plan.verb === 'prepare') await prepare(services, parsePrepareRequest({ ...key, source, strategy }))
if (plan.verb === 'cleanup') await cleanup(services, key, { keep, keepFailed, onUnsavedWork })
if (plan.verb === 'refresh') await refresh(services, key, {})
if (plan.verb === 'restore') await restore(services, { target: key })
