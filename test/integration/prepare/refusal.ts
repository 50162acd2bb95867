import { join } from 'node:path'
import {
  isWorkspaceError,
  type PrepareRequest,
  type WorkspaceError,
  WorkspaceManager,
} from 'git-task-isolation'
import { expect } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'

/** A request as an untyped caller may send it. */
export type LooseRequest = Readonly<Record<string, unknown>>

/** The package's own error that a call ends with; anything else fails the test. */
export async function refusal(call: () => unknown): Promise<WorkspaceError> {
  try {
    await call()
  } catch (error) {
    if (isWorkspaceError(error)) return error
    throw error
  }
  throw new Error('the call was not refused')
}

/** Prepares with a root that does not exist yet, and expects that the refusal left it so. */
export async function refusedRequest(request: LooseRequest): Promise<WorkspaceError> {
  const directory = await temporaryDirectory()
  const manager = new WorkspaceManager({ root: join(directory, 'root') })
  const error = await refusal(() => manager.prepare(loosely(request)))
  expect(await snapshotTree(directory), 'what the refused prepare left').toEqual({})
  return error
}

/** Lets a test pass what the types forbid. */
export function loosely(request: LooseRequest): PrepareRequest {
  return request as unknown as PrepareRequest
}
