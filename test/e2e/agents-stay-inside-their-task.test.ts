import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import { beforeAll, describe, expect, test } from 'vitest'
import { AGENT_NAMES, AGENT_PROGRAMS, type AgentProgramName } from '../../examples/agents/agent-table.js'
import { installStandIns } from '../../examples/agents/install-stand-ins.js'
import { agentFiles, agentVariables, runAgentProgram } from '../../examples/agents/start-agent.js'
import { repositoryRoot, runProgram } from '../helpers/run-program.js'
import { shells } from '../helpers/shells.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const SCRIPT = join(repositoryRoot, 'examples/agents/start-agent.sh')
const TOOLS = { tickets: { command: 'a-tool-server', args: ['--say', 'a "word" \\ or two'] } }

let workspace: Workspace
let path: string

// One task serves all of them: their places in `state/` do not meet.
beforeAll(async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'upstream.git'))
  await using manager = new WorkspaceManager({ root: join(directory, 'root') })
  const files = AGENT_NAMES.flatMap((name) => Object.entries(agentFiles(name, TOOLS)))
  const key = { envId: 'shop', taskId: 'task-42' }
  const context = { issueTitle: 'Add login' }
  workspace = await manager.prepare({
    ...key,
    source: upstream.url,
    context,
    taskFiles: Object.fromEntries(files),
  })
  path = await installStandIns(join(directory, 'bin'))
})

describe.each(AGENT_NAMES)('%s', (name) => {
  test('sees its task, and leaves everything in it', async () => {
    const { home, inherited } = await machine()
    const { code, output } = await runAgentProgram(name, workspace, { inherited })
    const seen = output.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(await readdir(home)).toEqual([])
    const states = valuesOf('state', seen)
    expect(states.length).toBeGreaterThan(0)
    for (const state of states) expect(state.startsWith(`${workspace.stateDir}/`), state).toBe(true)
    expect(valuesOf('tools', seen)[0]?.startsWith(`${workspace.stateDir}/`)).toBe(true)
    expect(seen).toContain('a-tool-server')
    expect(seen).toContain(`cwd=${workspace.workDir}`)
    expect(seen).toContain(`TASK_STATE_DIR=${workspace.stateDir}`)
    expect(seen).toContain('issue=# Add login')
    expect(seen).toContain('changes=')
    // Cursor's documentation names no file of instructions outside of the checkout.
    expect(valuesOf('instructions', seen)).toHaveLength(name === 'cursor' ? 0 : 1)
    expect(valuesOf('argument', seen).join(' ')).toContain(join(workspace.workDir, '.agent_context'))
  })

  test.each(shells())('is started by %s as by the library', async (_shell, shell, ...args) => {
    const { home, inherited } = await machine()
    const env = { ...inherited, ...workspace.env }
    const [byScript, byLibrary] = await Promise.all([
      runProgram(shell, [...args, SCRIPT, name, '--more'], { env, cwd: home }),
      runAgentProgram(name, workspace, { inherited, more: ['--more'] }),
    ])
    expect(byScript).toEqual({ code: 0, stdout: byLibrary.output, stderr: '' })
    expect(await readdir(home)).toEqual([])
  })

  test('would write to the home directory without its variables', async () => {
    const { home, inherited } = await machine()
    const own = Object.keys(AGENT_PROGRAMS[name].places)
    const env = { ...inherited, ...workspace.env, ...Object.fromEntries(own.map((key) => [key, undefined])) }
    await runProgram(AGENT_PROGRAMS[name].program, ['exec', 'no prompt'], {
      env: { ...env, HOME: home, PATH: path },
      cwd: workspace.workDir,
    })
    expect(await readdir(home)).not.toEqual([])
  })
})

test('a script without a task, or with an agent that nobody knows, starts nothing', async () => {
  const { inherited } = await machine()
  const noTask = await runProgram('sh', [SCRIPT, 'claude'], { env: { ...inherited, TASK_WORKSPACE: '' } })
  expect(noTask).toMatchObject({ stdout: '', stderr: expect.stringContaining('there is no task here') })
  expect(noTask.code).not.toBe(0)
  const unknown = await runProgram('sh', [SCRIPT, 'nobody'], { env: { ...inherited, ...workspace.env } })
  expect(unknown).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('nobody') })
})

test('the table names only places in the state folder, and the document names its variables', async () => {
  const document = await readFile(join(repositoryRoot, 'docs/agents.md'), 'utf8')
  for (const name of AGENT_NAMES) {
    const variables = agentVariables(name, workspace)
    for (const variable of Object.keys(AGENT_PROGRAMS[name].places)) {
      expect(`${variables[variable]}/`.startsWith(`${workspace.stateDir}/`), variable).toBe(true)
      expect(sectionOf(document, name), `${name} says nothing of ${variable}`).toContain(`\`${variable}\``)
    }
    for (const file of Object.keys(agentFiles(name)))
      expect(sectionOf(document, name), `${name} says nothing of ${file}`).toContain(`\`${file}\``)
    expect(sectionOf(document, name)).toMatch(/https:\/\//)
  }
})

const TITLES: Readonly<Record<AgentProgramName, string>> = {
  claude: 'Claude Code',
  codex: 'Codex',
  cursor: 'Cursor',
  factory: 'Factory',
  opencode: 'OpenCode',
}

function sectionOf(document: string, name: AgentProgramName): string {
  const start = document.indexOf(`\n## ${TITLES[name]}\n`)
  const end = document.indexOf('\n## ', start + 1)
  return start === -1 ? '' : document.slice(start, end === -1 ? undefined : end)
}

/** A person's machine: an empty home directory, the stand-ins, and none of the programs' variables. */
async function machine(): Promise<{ home: string; inherited: NodeJS.ProcessEnv }> {
  const home = await temporaryDirectory()
  const variables = AGENT_NAMES.flatMap((name) => Object.keys(AGENT_PROGRAMS[name].places))
  const none = Object.fromEntries(variables.map((variable) => [variable, undefined]))
  return { home, inherited: { ...process.env, ...none, HOME: home, PATH: path } }
}

function valuesOf(name: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))
}
