import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { environmentLayout } from '../../src/model/layout.js'
import { parseManagerOptions } from '../../src/model/options.js'
import { type PrepareSettings, parsePrepareRequest } from '../../src/model/prepare-request.js'
import { cleanup } from '../../src/operations/cleanup.js'
import { openServices } from '../../src/operations/open-services.js'
import { prepare } from '../../src/operations/prepare.js'
import type { Services } from '../../src/operations/services.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { taskTraces } from './task-traces.js'

/** What a child that makes trials is told. */
export interface TrialPlan {
  /** An empty folder that the child may write to. */
  readonly directory: string
  readonly source: string | undefined
  readonly strategy: string
  /**
   * The strategy of a task that is there already. `directory` makes an environment without a mirror; undefined: there
   * is no environment yet.
   */
  readonly neighbour: string | undefined
}

/** What became of one prepare that met a fault. */
export interface Trial {
  readonly prepared: Outcome
  /** What it left of its task. */
  readonly left: readonly string[]
  /** The same prepare, and a cleanup, without the fault. */
  readonly again: Outcome
  readonly leftInTheEnd: readonly string[]
}

/** Something in the way of a prepare, from its beginning or from one of its steps on. */
export interface Fault {
  readonly begin: () => void | Promise<void>
  readonly end: () => void | Promise<void>
  readonly step?: string | undefined
}

const ENV = 'shop'
const KEY = { envId: ENV, taskId: 'task' }

/** Prepares a task in a new root once for each fault. */
export async function tryWithFaults(
  plan: TrialPlan,
  newRoot: () => Promise<string>,
  faults: readonly ((root: string) => Fault)[],
): Promise<Trial[]> {
  const trials: Trial[] = []
  // Beside a neighbour of the same kind a trial makes nothing that the next one would find.
  const inOneRoot = plan.neighbour === plan.strategy
  let root: Root | undefined
  for (const fault of faults) {
    root = inOneRoot && root ? root : await Root.open(plan, await newRoot())
    trials.push(await root.tryWith(fault(root.path)))
    if (!inOneRoot) await root.close()
  }
  if (inOneRoot) await root?.close()
  return trials
}

class Root {
  readonly path: string
  readonly #services: Services
  readonly #request: PrepareSettings
  readonly #neighbours: readonly string[]

  private constructor(path: string, services: Services, plan: TrialPlan, neighbours: readonly string[]) {
    const { source, strategy } = plan
    this.path = path
    this.#services = services
    this.#request = parsePrepareRequest({ ...KEY, source, strategy })
    this.#neighbours = neighbours
  }

  static async open(plan: TrialPlan, path: string): Promise<Root> {
    // For what is written outside the root: it shares the disk, and nothing else is there.
    process.env['TMPDIR'] = dirname(path)
    const services = openServices(parseManagerOptions({}, { root: path, parallelism: 2 }))
    const { neighbour: strategy } = plan
    const source = strategy === 'directory' ? undefined : plan.source
    const neighbour = { envId: ENV, taskId: 'neighbour', source, strategy }
    if (strategy !== undefined) await prepare(services, parsePrepareRequest(neighbour))
    return new Root(path, services, plan, await tracesIn(path))
  }

  async tryWith(fault: Fault): Promise<Trial> {
    const services = this.#services
    const beforeStep: Services['beforeStep'] = (_operation, step) =>
      step === fault.step ? fault.begin() : undefined
    if (fault.step === undefined) await fault.begin()
    const prepared = await outcomeOf(prepare({ ...services, beforeStep }, this.#request))
    await fault.end()
    return {
      prepared,
      left: await this.#left(),
      again: await outcomeOf(prepare(services, this.#request).then(() => cleanup(services, KEY, {}))),
      leftInTheEnd: await this.#left(),
    }
  }

  close(): Promise<void> {
    return this.#services.lease.close()
  }

  async #left(): Promise<string[]> {
    const now = await tracesIn(this.path)
    return now.filter((path) => !this.#neighbours.includes(path))
  }
}

async function tracesIn(root: string): Promise<string[]> {
  const temporary = (await readdir(tmpdir())).filter((name) => name.startsWith('git-task-'))
  return [...temporary, ...(await taskTraces(environmentLayout(root, ENV).directory))]
}
