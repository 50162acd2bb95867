import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { feedGit, git } from '../helpers/run-git.js'
import { armSubmodule, hostileRepository } from './hostile-repository.js'
import type { HostileStage, StrategyName } from './hostile-stage.js'

/** Something that an agent can prepare in its own reach, so that somebody's git runs a program of its choice. */
export interface Attack {
  /** Also the name of its sentinel. */
  readonly name: string
  readonly only?: StrategyName
  /** The first git that can be attacked like this; older ones have no control. */
  readonly sinceGit?: readonly [major: number, minor: number]
  arm(stage: HostileStage): Promise<unknown>
  /** Plain git, used as a careless orchestrator would: it must run into the sentinel. Its outcome is of no interest. */
  control(stage: HostileStage): Promise<unknown>
}

const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'post-update',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'pre-receive',
  'prepare-commit-msg',
  'proc-receive',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
  'update',
] as const

/** Hooks whose command is quick to call in a control; all are armed. */
const CALLED_HOOKS = {
  'post-index-change': ['update-index', '--force-remove', 'no-such-file'],
  'reference-transaction': ['update-ref', 'refs/heads/made-by-control', 'HEAD'],
  'pre-commit': ['commit', '--allow-empty', '-m', 'x'],
  'post-checkout': ['checkout', '--detach'],
} as const

/** The armed file system monitor would say that no file has changed. */
const SEEING = ['-c', 'core.fsmonitor=false']

export const ATTACKS: readonly Attack[] = [
  configured('fsmonitor', 'core.fsmonitor', ['status']),
  filter('clean', ['add', '--renormalize', 'file.clean']),
  filter('smudge', ['cat-file', '--filters', 'HEAD:file.smudge']),
  filter('process', ['add', '--renormalize', 'file.process']),
  configured('diff-external', 'diff.external', [...SEEING, 'diff', 'HEAD', '--', 'README.md']),
  configured('diff-driver', 'diff.evil-driver.command', [...SEEING, 'diff', 'HEAD', '--', 'file.driver']),
  configured('textconv', 'diff.evil-textconv.textconv', [
    ...SEEING,
    'diff',
    '--no-ext-diff',
    'HEAD',
    '--',
    'file.textconv',
  ]),
  {
    name: 'merge-driver',
    arm: async (stage) =>
      stage.git('config', 'merge.evil-merge.driver', await stage.sentinels.program('merge-driver')),
    control: async (stage) => {
      await stage.git('reset', '--hard')
      await stage.git('merge', '--no-edit', 'origin/theirs')
    },
  },
  hooksFromConfig('hook-from-config', []),
  // A hook that is called as an event is takes back what switches that event off.
  hooksFromConfig('hook-called-as-its-event', HOOKS),
  ...Object.entries(CALLED_HOOKS).map(([hook, args]): Attack => {
    const name = `hook-${hook}`
    return {
      name,
      arm: (stage) => armHook(stage, join(stage.commonDir, 'hooks'), hook, name),
      control: (stage) => stage.git('-c', `core.hooksPath=${join(stage.commonDir, 'hooks')}`, ...args),
    }
  }),
  {
    name: 'hooks-path',
    arm: async (stage) => {
      const folder = join(stage.directory, 'evil-hooks')
      for (const hook of HOOKS) await armHook(stage, folder, hook, 'hooks-path')
      await stage.git('config', '--replace-all', 'core.hooksPath', folder)
    },
    control: (stage) => stage.git('update-ref', 'refs/heads/made-by-control-too', 'HEAD'),
  },
  configured('ssh-command', 'core.sshCommand', ['ls-remote', 'ssh://localhost.invalid/x']),
  configured('git-proxy', 'core.gitProxy', ['ls-remote', 'git://localhost.invalid/x']),
  configured('ask-pass', 'core.askPass', ['credential', 'fill'], 'protocol=https\nhost=h.invalid\n\n'),
  configured(
    'credential-helper',
    'credential.helper',
    ['credential', 'fill'],
    'protocol=https\nhost=h.invalid\n\n',
  ),
  {
    name: 'instead-of',
    arm: async (stage) => {
      await stage.git('config', 'protocol.ext.allow', 'always')
      const program = `ext::${await stage.sentinels.program('instead-of')} `
      await stage.git('config', `url.${program}.insteadOf`, stage.upstream.url)
    },
    control: (stage) => stage.git('ls-remote', stage.upstream.url),
  },
  {
    ...configured('upload-pack', 'remote.origin.uploadpack', []),
    control: async (stage) => {
      await withoutInsteadOf(stage)
      await stage.git('ls-remote', 'origin')
    },
  },
  {
    name: 'upload-pack-of-url',
    arm: async (stage) => {
      const program = await stage.sentinels.program('upload-pack-of-url')
      await stage.git('config', `remote.${stage.upstream.url}.uploadpack`, program)
    },
    control: async (stage) => {
      await withoutInsteadOf(stage)
      await stage.git('ls-remote', stage.upstream.url)
    },
  },
  {
    name: 'ext-transport',
    arm: async (stage) => {
      await stage.git('config', 'protocol.ext.allow', 'always')
      await stage.git('config', 'remote.evil.url', `ext::${await stage.sentinels.program('ext-transport')}`)
    },
    control: (stage) => stage.git('fetch', 'evil'),
  },
  {
    ...configured('alternate-refs-command', 'core.alternateRefsCommand', [
      'rev-list',
      '--max-count=1',
      '--alternate-refs',
    ]),
    only: 'clone',
  },
  {
    name: 'include-path',
    arm: async (stage) => {
      const file = join(stage.directory, 'evil.gitconfig')
      const program = await stage.sentinels.program('include-path', 'filter')
      await writeFile(file, `[filter "evil-included"]\n\tclean = ${program}\n\tsmudge = ${program}\n`)
      await stage.git('config', '--add', 'include.path', file)
    },
    control: (stage) => stage.git('add', '--renormalize', 'file.included'),
  },
  {
    name: 'info-attributes',
    arm: async (stage) => {
      const program = await stage.sentinels.program('info-attributes', 'filter')
      await stage.git('config', 'filter.evil-info.clean', program)
      await stage.git('config', 'filter.evil-info.smudge', program)
      await mkdir(join(stage.commonDir, 'info'), { recursive: true })
      await appendFile(join(stage.commonDir, 'info', 'attributes'), '*.poisoned filter=evil-info\n')
    },
    control: (stage) => stage.git('add', '--renormalize', 'file.poisoned'),
  },
  {
    name: 'submodule',
    arm: (stage) => armSubmodule(stage),
    control: (stage) => stage.git('status', '--porcelain', '--', 'sub'),
  },
  {
    name: 'submodule-update',
    arm: async (stage) => {
      await stage.git('config', 'submodule.sub.url', '../sub')
      const program = await stage.sentinels.program('submodule-update')
      await stage.git('config', 'submodule.sub.update', `!${program}`)
    },
    control: (stage) => stage.git('-c', 'submodule.sub.active=true', 'submodule', 'update', '--force', 'sub'),
  },
  {
    name: 'nested-repository',
    arm: async (stage) => {
      const nested = join(stage.workspace.workDir, 'nested')
      await hostileRepository(stage, nested, 'nested-repository')
    },
    control: (stage) => git(join(stage.workspace.workDir, 'nested'), 'status'),
  },
  {
    // The last one, since nothing can be committed any more once it is armed.
    name: 'signature',
    arm: async (stage) => {
      await stage.git('config', 'gpg.program', await stage.sentinels.program('signature'))
      for (const what of ['commit', 'tag']) await stage.git('config', `${what}.gpgSign`, 'true')
    },
    control: (stage) => stage.git('commit', '--quiet', '--no-verify', '--allow-empty', '-m', 'x'),
  },
]

/** Else no remote is asked by its own name. */
async function withoutInsteadOf(stage: HostileStage): Promise<void> {
  const program = `ext::${await stage.sentinels.program('instead-of')} `
  await stage.git('config', '--remove-section', `url.${program}`)
}

/** One configuration entry that names a program. */
function configured(name: string, key: string, args: readonly string[], input = ''): Attack {
  return {
    name,
    arm: async (stage) => stage.git('config', '--add', key, await stage.sentinels.program(name)),
    control: (stage) => feedGit(stage.workspace.workDir, input, ...args),
  }
}

function hooksFromConfig(name: string, friendly: readonly string[]): Attack {
  return {
    name,
    sinceGit: [2, 54],
    arm: async (stage) => {
      const program = await stage.sentinels.program(name)
      for (const hook of [name, ...friendly]) await stage.git('config', `hook.${hook}.command`, program)
      for (const event of HOOKS) await stage.git('config', '--add', `hook.${name}.event`, event)
    },
    control: (stage) => stage.git('update-ref', `refs/heads/made-by-${name}`, 'HEAD'),
  }
}

function filter(kind: 'clean' | 'smudge' | 'process', args: readonly string[]): Attack {
  const name = `filter-${kind}`
  return {
    name,
    arm: async (stage) =>
      stage.git('config', `filter.evil-${kind}.${kind}`, await stage.sentinels.program(name, 'filter')),
    control: (stage) => stage.git(...args),
  }
}

async function armHook(stage: HostileStage, folder: string, hook: string, sentinel: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const program = await stage.sentinels.program(sentinel)
  await writeFile(join(folder, hook), `#!/bin/sh\nexec ${program}\n`, { mode: 0o755 })
}
