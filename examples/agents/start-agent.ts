import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Workspace } from 'git-task-isolation'
import { AGENT_PROGRAMS, type AgentProgramName, type ToolServers } from './agent-table.js'

/** What to give `prepare` as `taskFiles`: the program's own configuration, below the task's `state/`. */
export function agentFiles(name: AgentProgramName, tools: ToolServers = {}): Record<string, string | object> {
  const files = Object.entries(AGENT_PROGRAMS[name].files(tools))
  return Object.fromEntries(files.map(([path, content]) => [`state/${path}`, content]))
}

/** The variables of the task, and those that keep the program in it. Absolute, as programs want them. */
export function agentVariables(name: AgentProgramName, workspace: Workspace): Record<string, string> {
  const places = Object.entries(AGENT_PROGRAMS[name].places)
  const absolute = places.map(([variable, place]) => [variable, join(workspace.stateDir, place)])
  return { ...workspace.env, ...Object.fromEntries(absolute) }
}

export interface StartOptions {
  /** Default: to read the issue and do what it asks. */
  readonly prompt?: string
  /** More arguments, such as how far the agent may go without asking. */
  readonly more?: readonly string[]
  /** What is inherited; default `process.env`. */
  readonly inherited?: NodeJS.ProcessEnv
}

/** Runs an agent in its workspace to its end, and answers what it printed. */
export async function runAgentProgram(
  name: AgentProgramName,
  workspace: Workspace,
  { prompt = readTheIssue(workspace), more = [], inherited = process.env }: StartOptions = {},
): Promise<{ code: number; output: string }> {
  const { program, args, toolArgs } = AGENT_PROGRAMS[name]
  const tools = toolArgs?.(workspace.stateDir) ?? []
  const agent = spawn(program, [...args, prompt, ...more, ...tools], {
    cwd: workspace.workDir,
    env: { ...inherited, ...agentVariables(name, workspace) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(agent.stdout), once(agent, 'close')])
  return { code: Number(code ?? 1), output }
}

function readTheIssue({ env }: Workspace): string {
  return `Read ${env['TASK_CONTEXT_DIR']}/issue_context.md and do what it asks.`
}
