import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import { type CloneParts, UPSTREAM_HEAD, upstreamHeadOf, writeRef } from './clone-parts.js'
import type { CreateRequest, StrategyRepository } from './strategy.js'

/**
 * Makes the `.git` of a clone without copying an object: they are borrowed from the mirror, which never drops
 * one. Upstream branches and tags are copied as one file, `origin` names the true remote.
 */
export async function writeCloneSkeleton(
  parts: CloneParts,
  request: CreateRequest,
  repository: StrategyRepository,
  commit: string,
): Promise<string> {
  const { workDir, signal } = request
  const gitDir = join(workDir, '.git')
  const config = await parts.initialise(workDir, repository.objectFormat, signal)
  await borrowObjects(repository.gitDir, gitDir)
  await copyUpstreamRefs(parts, repository, gitDir, signal)
  await writeFile(join(gitDir, 'config'), withOrigin(config, request.originUrl))
  await writeHead(gitDir, request.branch, commit)
  return gitDir
}

async function borrowObjects(mirrorDir: string, gitDir: string): Promise<void> {
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${join(mirrorDir, 'objects')}\n`)
  // A shallow source makes a shallow mirror, and its borrowers have to know where history ends.
  await copyIfPresent(join(mirrorDir, 'shallow'), join(gitDir, 'shallow'))
}

async function copyUpstreamRefs(
  parts: CloneParts,
  repository: StrategyRepository,
  gitDir: string,
  signal?: AbortSignal,
): Promise<void> {
  await writeFile(join(gitDir, 'packed-refs'), await parts.packedRefs(repository, signal))
  // Only a name among the copied branches has a meaning in the clone.
  const head = await upstreamHeadOf(repository.gitDir)
  if (head !== undefined) await writeRef(gitDir, UPSTREAM_HEAD, head)
}

function withOrigin(config: string, originUrl: string | undefined): string {
  const origin = originUrl === undefined ? '' : remoteSection(originUrl)
  return `${config.trimEnd()}\n${origin}[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n`
}

function remoteSection(url: string): string {
  return `[remote "origin"]\n\turl = ${quoteConfigValue(url)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`
}

async function writeHead(gitDir: string, branch: string | undefined, commit: string): Promise<void> {
  if (branch !== undefined) await writeRef(gitDir, `refs/heads/${branch}`, `${commit}\n`)
  const head = branch === undefined ? commit : `ref: refs/heads/${branch}`
  await writeFile(join(gitDir, 'HEAD'), `${head}\n`)
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}
