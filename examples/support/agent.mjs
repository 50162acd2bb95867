// A stand-in for a coding agent. It knows nothing of git-task-isolation: it was started in a folder, with an
// environment, and uses plain git there. Each step is printed as one line for whoever watches.
//
//   node agent.mjs <commits> <push command…>     e.g.  node agent.mjs 3 git push -u origin HEAD

import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [commits = '1', ...push] = process.argv.slice(2)
const task = process.env.TASK_ID ?? 'unknown'

readFileSync('.agent_context/issue_context.md', 'utf8')
console.log('read its issue')

mkdirSync('agent-notes', { recursive: true })
for (let number = 1; number <= Number(commits); number += 1) {
  // A file of its own, and two that every agent changes: in a shared checkout that would be a fight.
  writeFileSync(`agent-notes/${task}.md`, `${task} was here, ${number} time(s)\n`)
  writeFileSync('WHO.md', `Only ${task} works here. Change ${number}.\n`)
  if (existsSync('README.md')) appendFileSync('README.md', `\nChange ${number} of ${task}.\n`)
  git('add', '--all')
  git('commit', '--quiet', '-m', `${task}: change ${number}`)
  console.log(`commit ${number} of ${commits}`)
}

const [program, ...args] = push
if (program !== undefined) {
  console.log('pushing')
  run(program, ...args)
  console.log('pushed')
}

function git(...args) {
  run('git', ...args)
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
