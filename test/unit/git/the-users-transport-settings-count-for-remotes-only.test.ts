import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { fakeGit, temporaryDirectory } from './fake-git.js'

const CONFIG = `
[http]
	proxy = http://proxy:1
[http "https://h/"]
	sslCAInfo = /ca.pem
[url "https://inner/"]
	insteadOf = https://outer/
[core]
	sshCommand = ssh -i /my/key
	hooksPath = /evil
	fsmonitor = /evil
[filter "x"]
	clean = /evil
[alias]
	status = !evil
[include]
	path = more
`

async function environmentOf(call: object, places: { home?: string; global?: string }) {
  const { PATH } = await fakeGit(`[ "$1" = config ] && PATH=\${PATH#*:} exec git "$@"; env -0`)
  const environment = { PATH, HOME: places.home, GIT_CONFIG_GLOBAL: places.global, GIT_CONFIG_NOSYSTEM: '1' }
  const git = new Git({ gitTimeoutMs: 5_000, environment })
  const { stdout } = await git.run({ args: ['fetch'], ...call })
  const again = await git.run({ args: ['fetch'], ...call })
  expect(again.stdout).toBe(stdout)
  return { text: stdout, count: git.processCount }
}

async function home(): Promise<string> {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, '.gitconfig'), CONFIG)
  await writeFile(join(directory, 'more'), '[http]\n\textraHeader = X-Included: 1\n')
  return directory
}

const network = { protocols: ['https' as const], url: 'https://h/r' }

it('lets proxy, CA file, rewritten hosts and ssh key through by name, and nothing else', async () => {
  const { text, count } = await environmentOf({ network }, { home: await home() })
  for (const value of [
    'http://proxy:1',
    '/ca.pem',
    'https://outer/',
    'X-Included: 1',
    'ssh -i /my/key -o BatchMode=yes',
  ]) {
    expect(text).toContain(value)
  }
  expect(text).not.toContain('evil')
  // Read once: two fetches and one reading.
  expect(count).toBe(3)
})

it('does not read them for local work', async () => {
  const { text, count } = await environmentOf({}, { home: await home() })
  expect(text).not.toContain('proxy:1')
  expect(text).not.toContain('/my/key')
  expect(count).toBe(2)
})

it("takes the file that the orchestrator's GIT_CONFIG_GLOBAL names, instead", async () => {
  const global = join(await temporaryDirectory(), 'mine')
  await writeFile(global, '[http]\n\tproxy = http://other:2\n')
  const { text } = await environmentOf({ network }, { home: await home(), global })
  expect(text).toContain('http://other:2')
  expect(text).not.toContain('proxy:1')
})

it('takes both $HOME/.config/git/config and ~/.gitconfig, as git does', async () => {
  const directory = await home()
  await mkdir(join(directory, '.config/git'), { recursive: true })
  await writeFile(join(directory, '.config/git/config'), '[http]\n\tuserAgent = mine\n')
  const { text } = await environmentOf({ network }, { home: directory })
  expect(text).toContain('http.useragent')
  expect(text).toContain('http://proxy:1')
})
