// Run by a hook of an outer repository: an orchestrator whose environment git has filled with its own variables.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WorkspaceManager } from '../../../src/index.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'

const [, , outer = '', root = '', source = '', strategy = '', resultFile = ''] = process.argv
const before = await snapshotTree(outer)
const manager = new WorkspaceManager({ root })
const workspace = await manager.prepare({ envId: 'shop', taskId: 'task', source, strategy })
const { workDir } = workspace
const git = (...args: string[]) =>
  execFileSync('git', args, {
    cwd: workDir,
    env: { ...process.env, ...workspace.env },
    encoding: 'utf8',
  }).trim()

const found = git('status', '--porcelain')
writeFileSync(join(workDir, 'agent.txt'), 'work\n')
git('add', '-A')
git('commit', '--quiet', '-m', 'Work')
git('push', '--quiet', '-u', 'origin', 'HEAD')
const commit = git('rev-parse', 'HEAD')
const viaHandle = (await workspace.git().revparse(['HEAD'])).trim()
const { action } = await workspace.cleanup()

const inherited = Object.keys(process.env).filter((name) => name.startsWith('GIT_'))
const outerAgain = await snapshotTree(outer)
const outerStays = JSON.stringify(before) === JSON.stringify(outerAgain)
writeFileSync(resultFile, JSON.stringify({ found, commit, viaHandle, action, inherited, outerStays }))
