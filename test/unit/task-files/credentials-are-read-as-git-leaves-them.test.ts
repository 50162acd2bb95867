import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { taskLayout } from '../../../src/model/layout.js'
import { renderCredentials } from '../../../src/task-files/git-config-file.js'
import { readCredentials } from '../../../src/task-files/read-credentials.js'
import { feedGit } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const LOGIN = { username: 'a robot', token: 'p/ä:s%s+?#=' }

async function layoutWith(content: string | undefined) {
  const layout = taskLayout(await temporaryDirectory(), { envId: 'shop', taskId: 'task-1' })
  await mkdir(layout.rootDir, { recursive: true })
  if (content !== undefined) await writeFile(layout.credentialsFile, content)
  return layout
}

test.each(['git.example.org', '127.0.0.1:8080', '[::1]:8080'])(
  'as they were written, for %s',
  async (host) => {
    const layout = await layoutWith(renderCredentials(LOGIN, new URL(`http://${host}/`)))
    expect(await readCredentials(layout)).toEqual({ ...LOGIN, host })
  },
)

test.each(['git.example.org', '127.0.0.1:8080'])(
  'as a push of the agent stores them, for %s',
  async (host) => {
    const layout = await layoutWith(renderCredentials(LOGIN, new URL(`http://${host}/`)))
    // git hands a login that worked back to its helper, which writes the file in its own way.
    const approved = `protocol=http\nhost=${host}\nusername=${LOGIN.username}\npassword=${LOGIN.token}\n`
    const store = ['credential-store', `--file=${layout.credentialsFile}`, 'store']
    await feedGit(layout.rootDir, approved, ...store)
    expect(await readFile(layout.credentialsFile, 'utf8')).not.toContain('undefined')
    expect(await readCredentials(layout)).toEqual({ ...LOGIN, host })
  },
)

test.each([undefined, '', 'no url\n', 'https://h\n', 'https://only-a-name@h\n'])(
  'none where there are none: %j',
  async (content) => {
    expect(await readCredentials(await layoutWith(content))).toBeUndefined()
  },
)
