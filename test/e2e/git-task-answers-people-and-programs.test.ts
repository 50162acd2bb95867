import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function gitTask(...args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

describe('git-task', () => {
  it('prepares a workspace, finds it again, and lists it', async () => {
    const directory = await temporaryDirectory()
    const { url } = await createUpstream(join(directory, 'upstream.git'))
    const root = join(directory, 'root')
    const prepare = ['--root', root, 'prepare', 'shop', 'task-1', '--source', url, '--agent', 'Back End']
    const first = await gitTask(...prepare)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('branch  agent/Back-End/task-1')
    const again = await gitTask(...prepare, '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ reused: true, key: { envId: 'shop', taskId: 'task-1' } })
    expect((await gitTask('list', '--root', root)).stdout).toMatch(
      /shop\s+task-1\s+-\s+Back End\s+clone\s+ready/,
    )
    const listed = JSON.parse((await gitTask('list', 'shop', '--root', root, '--json')).stdout)
    expect(listed).toMatchObject([{ taskId: 'task-1', state: 'ready' }])
  })

  it.each([
    { use: 'an invalid id', args: ['prepare', 'a b', 'task'], says: 'ID_INVALID' },
    { use: 'an unknown command', args: ['frobnicate'], says: 'unknown command' },
    { use: 'an unknown option', args: ['list', '--frobnicate'], says: 'unknown option' },
    { use: 'a missing argument', args: ['prepare', 'shop'], says: 'missing required argument' },
    {
      use: 'an unknown strategy',
      args: ['prepare', 'e', 't', '--strategy', 'rsync'],
      says: 'STRATEGY_UNKNOWN',
    },
  ])('ends with 2 for $use, and says so', async ({ args, says }) => {
    const root = await temporaryDirectory()
    const answer = await gitTask('--root', root, ...args)
    expect(answer).toMatchObject({ code: 2, stdout: '' })
    expect(answer.stderr).toContain(says)
    expect(await readdir(root)).toEqual([])
  })

  it('ends with 1 for what did not work, as JSON where JSON was asked for', async () => {
    const root = await temporaryDirectory()
    const source = 'http://127.0.0.1:1/nobody.git'
    const answer = await gitTask('--root', root, '--json', 'prepare', 'shop', 'task', '--source', source)
    expect(answer.code).toBe(1)
    expect(JSON.parse(answer.stderr)).toMatchObject({ error: { code: 'GIT_NETWORK', retryable: true } })
  })

  it('says that a root cannot be made', async () => {
    const answer = await gitTask('--root', '/proc/nope', 'prepare', 'shop', 'task')
    expect(answer.code).toBe(2)
    expect(answer.stderr).toContain('the root cannot be made')
  })
})
