import type { Command } from 'commander'
import type { AuditEntry, AuditLine, WorkspaceManager } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import type { OutputFormat } from '../render.js'
import { StoppedBySignal } from '../stopped-by-signal.js'
import { screenOf } from '../terminal/screen.js'
import { visible, visibleJson } from '../terminal/visible-text.js'
import { wrapped } from '../terminal/wrap-text.js'
import { tellUnreadableLine } from '../warnings.js'
import { writeLine } from '../write-line.js'

/** `git-task audit <env> [--follow]` */
export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('print the events of an environment, the oldest first')
    .argument('<env>', 'the environment')
    .option('--follow', 'go on with what happens from now on, until Ctrl-C or until nobody reads it')
    .action((envId: string, { follow }: { follow?: true }, command: Command) =>
      audit({ envId, follow }, command),
    )
}

interface Call {
  readonly envId: string
  readonly follow: true | undefined
}

async function audit(call: Call, command: Command): Promise<void> {
  const format = outputFormat(command)
  try {
    await withManager(command, (manager) => print(manager, call, format), { envId: call.envId })
  } catch (error) {
    // There is no other end to it: that it came by a signal is told by the exit code alone.
    if (!(call.follow && error instanceof StoppedBySignal)) throw error
    process.exitCode = error.exitCode
  }
}

async function print(
  manager: WorkspaceManager,
  { envId, follow }: Call,
  format: OutputFormat,
): Promise<void> {
  for await (const line of manager.audit(envId, { follow })) {
    if (line.entry === undefined) tellUnreadableLine(line.text, format)
    else if ((await writeLine(shown(line, line.entry, format))) === 'not taken') return
  }
}

function shown({ text }: AuditLine, entry: AuditEntry, format: OutputFormat): string {
  return format === 'json' ? visibleJson(text) : sentence(entry)
}

/** When, what, of which task, and the event's own facts. */
function sentence({ at, event, env_id, task_id, run_id, pid, ...facts }: AuditEntry): string {
  const task = task_id === undefined ? '-' : run_id === undefined ? task_id : `${task_id} --run ${run_id}`
  const own = Object.entries(facts).map(([name, value]) => `${name}=${plainly(value)}`)
  const line = [at, event.padEnd(20), task, ...own].map(visible).join('  ')
  return wrapped(line, screenOf(process.stdout), { indent: 2 })
}

/** A value with a space in it would run into the next one. */
function plainly(value: unknown): string {
  return typeof value === 'string' && /^[^\s"']+$/.test(value) ? value : JSON.stringify(value)
}
