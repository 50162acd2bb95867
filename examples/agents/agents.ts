// Five agents, each started as its documentation says, with its state and its tool servers inside its task. The
// programs are stand-ins that print what they see; with the true ones on the PATH `runAgentProgram` is the same.
//
//   npx tsx examples/agents/agents.ts

import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Workspace, WorkspaceManager } from 'git-task-isolation'
import { check, example, say } from '../support/example.js'
import { together } from '../support/together.js'
import { AGENT_NAMES, AGENT_PROGRAMS, type AgentProgramName } from './agent-table.js'
import { installStandIns } from './install-stand-ins.js'
import { agentFiles, runAgentProgram } from './start-agent.js'

const TOOLS = { tickets: { command: 'a-tool-server', args: ['--project', 'shop'] } }

await example('Five agents, each inside its task', async ({ root, upstream }) => {
  const manager = new WorkspaceManager({ root })
  const home = join(dirname(root), 'home')
  await mkdir(home)
  const inherited = { ...process.env, HOME: home, PATH: await installStandIns(join(dirname(root), 'bin')) }

  const start = async (name: AgentProgramName): Promise<{ workspace: Workspace; seen: string[] }> => {
    const workspace = await manager.prepare({
      envId: 'shop',
      taskId: name,
      source: upstream.url,
      agentName: name,
      context: { issueTitle: `Work for ${name}` },
      taskFiles: agentFiles(name, TOOLS),
    })
    const { code, output } = await runAgentProgram(name, workspace, { inherited })
    check(code === 0, `${AGENT_PROGRAMS[name].program} ran to its end`)
    return { workspace, seen: output.trim().split('\n') }
  }

  for (const { workspace, seen } of await together(AGENT_NAMES, start)) checkWhatIsSeen(workspace, seen)
  check((await readdir(home)).length === 0, 'nothing went to the home directory')

  await manager.cleanupAll('shop')
  await manager.close()
})

function checkWhatIsSeen({ key, workDir, stateDir, branch }: Workspace, seen: readonly string[]): void {
  const states = seen.filter((line) => line.startsWith('state='))
  for (const state of states) say(`${key.taskId.padEnd(10)} ${state}`)
  const agent = key.taskId
  check(
    states.length > 0 && states.every((line) => line.startsWith(`state=${stateDir}/`)),
    `${agent}: its state is in its task`,
  )
  check(seen.includes('a-tool-server'), `${agent}: its tool servers are the task's`)
  check(
    seen.includes(`cwd=${workDir}`) && seen.includes(`branch=${branch}`),
    `${agent}: it is in its checkout`,
  )
  check(seen.includes(`issue=# Work for ${agent}`), `${agent}: it finds its issue`)
  check(seen.includes('changes='), `${agent}: git status shows nothing of ours`)
}
