import { type Command, CommanderError } from 'commander'
import { StoppedError } from 'git-task-isolation'

/** What the parser of the arguments cannot tell, said as it would say it: exit code 2. */
export function wrongUse(command: Command, message: string): CommanderError {
  try {
    return command.error(`error: ${message}`, { exitCode: 2, code: `git-task.${command.name()}` })
  } catch (error) {
    if (error instanceof CommanderError) return error
    throw error
  }
}

/** Whoever was asked did not say yes; nothing was done. */
export class NotConfirmed extends StoppedError {
  constructor() {
    super('ABORTED', 'nothing was removed', { hint: 'Answer y, or add --yes, to remove what is listed.' })
  }
}

/** More would have gone than was said yes to; nothing was done. */
export class NotListed extends StoppedError {
  constructor(others: readonly string[]) {
    super(
      'ABORTED',
      `nothing was removed: ${others.join(', ')} would go as well by now, and was not listed`,
      {
        hint: 'Give the command again to see the list as it is now.',
      },
    )
  }
}
