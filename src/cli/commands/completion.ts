import { Argument, type Command } from 'commander'
import { candidates } from '../completion/candidates.js'
import { completionScripts, type Shell } from '../completion/scripts.js'
import { outputFormat } from '../open-manager.js'
import { printJson } from '../render.js'

/** `git-task completion <shell>` */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print what a shell evaluates to complete commands, options, environments and tasks')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(completionScripts)))
    .action((shell: Shell, _options: unknown, command: Command) => {
      const script = completionScripts[shell]
      if (outputFormat(command) === 'json') printJson({ shell, script })
      else process.stdout.write(script)
    })
}

/** `git-task __complete -- <words>`: for the scripts. One line for each candidate, with a tab before what it is. */
export function addCompleteCommand(program: Command): void {
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const found = await candidates(program, words)
      if (found === 'folders') console.log(':folders')
      else for (const { value, description } of found) console.log(`${value}\t${description}`)
    })
}
