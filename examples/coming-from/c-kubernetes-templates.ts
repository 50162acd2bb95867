// Coming from an agent platform on Kubernetes: the tasks of a service live side by side on a shared volume, and the
// entry point of a pod evaluates exported variables. Processes with an environment of their own stand in for the pods.
//
//   npx tsx examples/coming-from/c-kubernetes-templates.ts

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { WorkspaceManager } from 'git-task-isolation'
import { installProgram, installStandIns } from '../agents/install-stand-ins.js'
import { agentFiles } from '../agents/start-agent.js'
import { check, example, say } from '../support/example.js'
import { exists } from '../support/files.js'
import { together } from '../support/together.js'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// In a pod the package is installed, and git finds git-task on the PATH.
const PROGRAM = here('../../dist/cli/main.js')

// A first run, and a retry of another task.
const PODS = [
  { key: { envId: 'shop', taskId: 'api' }, agent: 'claude', exit: 0, outcome: 'succeeded' },
  { key: { envId: 'shop', taskId: 'page', runId: '2' }, agent: 'codex', exit: 3, outcome: 'failed' },
] as const

await example('C: pods that evaluate exported variables', async ({ root, upstream }) => {
  if (!(await exists(PROGRAM))) throw new Error('there is no git-task yet: run npm run build first')
  const place = dirname(root)
  const path = await installStandIns(join(place, 'bin'))
  await installProgram(join(place, 'bin'), 'git-task', `exec '${process.execPath}' '${PROGRAM}' "$@"`)
  await mkdir(join(place, 'home'))

  // The orchestrator prepares: with the token, the context and the tool servers that no pod's template has to hold.
  const manager = new WorkspaceManager({ root })
  await together(PODS, ({ key, agent }) =>
    manager.prepare({
      ...key,
      source: upstream.url,
      agentName: agent,
      context: { issueTitle: `Work on the ${key.taskId}` },
      taskFiles: agentFiles(agent),
    }),
  )

  /** A pod: the entry point, and the few variables that its template names. */
  const runPod = async ({ key, agent, exit }: (typeof PODS)[number]) => {
    const pod = spawn('sh', [here('c-entry.sh')], {
      cwd: place,
      env: {
        PATH: path,
        HOME: join(place, 'home'),
        GIT_TASK_ROOT: root,
        ENV_ID: key.envId,
        TASK_ID: key.taskId,
        ...('runId' in key ? { RUN_ID: key.runId } : {}),
        AGENT_CLI: agent,
        AGENT_ENTRY: here('../agents/start-agent.sh'),
        STAND_IN_EXIT: String(exit),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output, [code]] = await Promise.all([text(pod.stdout), once(pod, 'close')])
    return { output: output.split('\n'), code }
  }
  const pods = await together(PODS, runPod)

  for (const [at, { key, agent, exit, outcome }] of PODS.entries()) {
    const workspace = await manager.get(key)
    const seen = pods[at]?.output ?? []
    say(`${agent.padEnd(7)} ${seen.find((line) => line.startsWith('TASK_WORKSPACE='))}`)
    check(
      seen.includes(`cwd=${workspace?.workDir}`) && seen.includes(`branch=${workspace?.branch}`),
      `${agent} worked in its checkout, on its branch`,
    )
    check(seen.includes(`issue=# Work on the ${key.taskId}`), 'it found its issue')
    check(
      seen.includes(`GIT_CONFIG_GLOBAL=${workspace?.rootDir}/.gitconfig`),
      'and its own git configuration',
    )
    check(pods[at]?.code === exit, `the pod ended as its agent did, with ${exit}`)
    check(workspace?.session.outcome === outcome, `its outcome is recorded: ${outcome}`)
  }
  check((await readdir(join(place, 'home'))).length === 0, 'nothing went to the home directory')
  const siblings = await readdir(join(manager.checkoutPath('shop'), 'tasks'))
  check(siblings.sort().join() === 'api,page@2', 'the tasks of one service are side by side on the volume')

  await manager.cleanupAll('shop')
  await manager.close()
})
