import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installProgram, installStandIns } from '../../examples/agents/install-stand-ins.js'
import {
  type ProgramOptions,
  type ProgramResult,
  repositoryRoot,
  runProgram,
} from '../helpers/run-program.js'
import { shells } from '../helpers/shells.js'
import { temporaryDirectory } from '../helpers/temporary.js'

const ENTRY = join(repositoryRoot, 'examples/coming-from/c-entry.sh')

describe.each(shells())('in %s', (_name, shell, ...args) => {
  const start = (pod: Pod, options?: ProgramOptions) => runPod(pod, [shell, ...args], options)

  test('an agent that ends well has succeeded, and has had its task', async () => {
    const pod = await makePod()
    const { code, stdout } = await start(pod)
    expect({ code, called: await pod.called() }).toEqual({
      code: 0,
      called: ['env shop task-42', 'finish shop task-42 succeeded'],
    })
    expect(stdout).toContain(`at work in ${pod.workspace} with it's "two"  words\n`)
  })

  test('an agent that fails has failed, and its code is that of the pod', async () => {
    const pod = await makePod({ agent: 'exit 7' })
    expect(await start(pod)).toMatchObject({ code: 7, stderr: '' })
    expect((await pod.called()).at(-1)).toBe('finish shop task-42 failed')
  })

  test('a pod that is told to end ends its agent, waits for it, and says that it was cancelled', async () => {
    const agent = [
      'sleep 30 & sleeper=$!',
      `trap 'kill "$sleeper"; echo tidied; exit 9' TERM`,
      'echo waiting',
      'wait "$sleeper"',
    ]
    const pod = await makePod({ agent: agent.join('\n') })
    const ended = await start(pod, {
      onOutput: (child, stdout) => {
        if (stdout.endsWith('waiting\n')) child.kill('SIGTERM')
      },
    })
    expect(ended.stdout).toContain('tidied\n')
    expect(ended.code).toBe(9)
    expect((await pod.called()).at(-1)).toBe('finish shop task-42 cancelled')
  })

  test('the run of a retry is asked for and finished', async () => {
    const pod = await makePod({ variables: { RUN_ID: 'run 2' } })
    expect(await start(pod)).toMatchObject({ code: 0 })
    expect(await pod.called()).toEqual([
      'env shop task-42 --run [run 2]',
      'finish shop task-42 succeeded --run [run 2]',
    ])
  })

  test('without the variables of its task no agent is started', async () => {
    const pod = await makePod({ env: 'echo "no such task" >&2; exit 1' })
    const { code, stdout, stderr } = await start(pod)
    expect(code).not.toBe(0)
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'no such task\n' })
    expect(await pod.called()).toEqual(['env shop task-42'])
  })
})

test('the template gives the entry point all that it asks for', async () => {
  const [template, entry] = await Promise.all(
    ['c-pod.yaml', 'c-entry.sh'].map((name) =>
      readFile(join(repositoryRoot, 'examples/coming-from', name), 'utf8'),
    ),
  )
  const given = [...(template ?? '').matchAll(/name: ([A-Z_]+),/g)].map(([, name]) => name)
  const asked = [...(entry ?? '').matchAll(/\$\{?([A-Z_]+)/g)].map(([, name]) => name)
  expect(given).toEqual(expect.arrayContaining([...new Set(asked)]))
  expect(given).toContain('GIT_TASK_ROOT')
  const agents = await readFile(join(repositoryRoot, 'examples/agents/start-agent.sh'), 'utf8')
  for (const [, name] of agents.matchAll(/^ {2}([a-z]+)\)$/gm)) expect(template).toContain(name)
})

interface Pod {
  readonly directory: string
  readonly workspace: string
  readonly environment: NodeJS.ProcessEnv
  /** What was asked of git-task, a line for each call; arguments with a space in brackets. */
  called(): Promise<string[]>
}

interface PodParts {
  /** What the agent does when it has said where it is. */
  readonly agent?: string
  /** What `git-task env` does. */
  readonly env?: string
  readonly variables?: NodeJS.ProcessEnv
}

/** A pod's files: git-task and an agent that need no node, so that each shell can be tried in little time. */
async function makePod({ agent = '', env, variables = {} }: PodParts = {}): Promise<Pod> {
  const directory = await temporaryDirectory()
  const workspace = join(directory, `it's "two"  words`)
  const log = join(directory, 'called')
  const bin = join(directory, 'bin')
  const path = await installStandIns(bin)
  await writeFile(log, '')
  const print = `cat <<'END'\nexport TASK_WORKSPACE='${workspace.replaceAll("'", "'\\''")}'\nEND`
  const note = `for word; do case $word in *' '*) word="[$word]";; esac; printf '%s ' "$word"; done | sed 's/ $//' >> '${log}'; echo >> '${log}'`
  await installProgram(bin, 'git-task', `${note}\ncase $1 in env)\n${env ?? print}\n;; esac`)
  const entry = join(directory, 'start-agent.sh')
  await writeFile(entry, `echo "at work in $TASK_WORKSPACE with \${TASK_WORKSPACE##*/}"\n${agent}\n`)
  const template = { ENV_ID: 'shop', TASK_ID: 'task-42', AGENT_CLI: 'claude', AGENT_ENTRY: entry }
  return {
    directory,
    workspace,
    environment: { ...template, ...variables, PATH: path },
    called: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
  }
}

function runPod(
  { directory, environment }: Pod,
  [shell = 'sh', ...args]: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return runProgram(shell, [...args, ENTRY], { cwd: directory, env: environment, ...options })
}
