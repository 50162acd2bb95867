import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { git } from '../helpers/run-git.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { createUpstream } from '../helpers/upstream.js'

/** Where the blocks of one document play: nothing outside of `directory` is read or written. */
export interface DocumentWorld {
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
  /** A document's text with the world's places in it. */
  localised(text: string): string
  /** An output with the places as documents name them. */
  published(text: string): string
}

const FILES = {
  'README.md': '# Shop\n',
  'package.json': '{ "name": "shop" }\n',
  'src/cart.js': 'export const total = (items) => items.length\n',
  'src/app/main.js': 'console.log("shop")\n',
  'docs/guide.md': '# Guide\n',
}

/** A root, an upstream named shop.git, a person's checkout of it, and programs on the PATH; others where named. */
export async function documentWorld(
  directory: string,
  programs: Readonly<Record<string, string>> = PROGRAMS,
): Promise<DocumentWorld> {
  const home = join(directory, 'home/me')
  await createUpstream(join(directory, 'example.org/shop.git'), { files: FILES })
  await createCheckout(join(directory, 'example.org/shop.git'), join(home, 'shop'))
  await installPrograms(directory, programs)
  const places: readonly (readonly [string, string])[] = [
    ['https://example.org/', pathToFileURL(join(directory, 'example.org/')).href],
    ['/srv/agents', join(directory, 'agents')],
    ['/home/me', home],
  ]
  return {
    directory,
    environment: environmentOf(directory, home),
    localised: (text) => places.reduce((all, [name, place]) => all.replaceAll(name, place), text),
    published: (text) => places.reduce((all, [name, place]) => all.replaceAll(place, name), text),
  }
}

async function createCheckout(upstream: string, checkout: string): Promise<void> {
  await mkdir(join(checkout, '..'), { recursive: true })
  await git(checkout.slice(0, -'/shop'.length), 'clone', '--quiet', upstream, checkout)
  await writeFile(join(checkout, '../.gitconfig'), '[user]\n\tname = Me\n\temail = me@example.org\n')
}

// What any coding agent does, as far as this package is concerned.
export const AGENT =
  'echo "agent at work" > agent.txt && git add agent.txt && git commit --quiet -m "Agent at work" && git push --quiet origin HEAD'

/** `-v folder:place`, `-w folder` and `--env-file file` have to name what is there, with a task in the file. */
const DOCKER = `while [ $# -gt 1 ]; do
  case "$1" in
    -v) test -d "\${2%%:*}" || exit 1 ;;
    -w) test -d "$2" || exit 1 ;;
    --env-file) grep -q '^TASK_ID=' "$2" || exit 1 ;;
  esac
  shift
done`

const PROGRAMS = {
  'git-task': `exec "${process.execPath}" "${join(repositoryRoot, 'dist/cli/main.js')}" "$@"`,
  agent: AGENT,
  npx: '[ "$1" = git-task ] && exec "$@"; echo "npx $1 would ask the network" >&2; exit 1',
  // Stand-ins for what would change the machine: they take what can be told to be wrong for a failure.
  systemctl: '[ "$*" = "enable --now git-task-sweep.timer" ]',
  docker: DOCKER,
  npm: 'echo "npm would ask the network: such a block is marked no-run" >&2; exit 1',
}

async function installPrograms(directory: string, programs: Readonly<Record<string, string>>): Promise<void> {
  const bin = join(directory, 'bin')
  await mkdir(bin)
  for (const [name, command] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${command}\n`)
    await chmod(join(bin, name), 0o755)
  }
  await symlink(process.execPath, join(bin, 'node'))
}

function environmentOf(directory: string, home: string): NodeJS.ProcessEnv {
  return {
    PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    TMPDIR: directory,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TASK_ROOT: join(directory, 'agents'),
  }
}
