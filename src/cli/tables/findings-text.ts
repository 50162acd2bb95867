import type { DoctorFinding, DoctorReport } from 'git-task-isolation'
import { count } from '../amounts.js'
import { shellWord } from '../shell-word.js'
import { nameOf } from '../shown-key.js'
import { painted, type Screen, type Style } from '../terminal/screen.js'
import { visible } from '../terminal/visible-text.js'
import { wrapped } from '../terminal/wrap-text.js'

const SIGNS: Readonly<Record<string, readonly [sign: string, style: Style]>> = {
  ok: ['ok', 'green'],
  note: ['note', 'cyan'],
  problem: ['problem', 'red'],
  fixed: ['fixed', 'green'],
  failed: ['failed', 'red'],
}

/**
 * What a doctor found: each as a sentence, and where something is to be done the command that does it. Sentences are
 * broken where the terminal is too narrow; commands are one line, to be copied.
 */
export function findingsText(
  { findings, problems, fixed }: DoctorReport,
  root: string | undefined,
  screen: Screen,
): string {
  const program = root === undefined ? 'git-task' : `git-task --root ${shellWord(root)}`
  const lines = findings.flatMap((finding) => linesOf(finding, program, screen))
  return [...lines, '', conclusion(problems, fixed)].join('\n')
}

function linesOf(finding: DoctorFinding, program: string, screen: Screen): string[] {
  const { check, level, key, path, message, fixed, error } = finding
  const [sign, style] = SIGNS[error !== undefined ? 'failed' : fixed ? 'fixed' : level] ?? ['', 'dim']
  const about = key === undefined ? [] : [`${nameOf(key)}:`]
  const where = level === 'problem' && path !== undefined && !message.includes(path) ? [`(${path})`] : []
  const sentence = visible([...about, message, ...where].join(' '))
  const rest = `  ${check.padEnd(11)}  ${sentence}`
  const plain = wrapped(sign.padEnd(7) + rest, screen, { indent: INDENT })
  const head = painted(sign.padEnd(7), style, screen) + plain.slice(7)
  const indent = ' '.repeat(INDENT)
  const command = fixed ? undefined : remedyOf(finding, program)
  return [
    head,
    ...(error === undefined ? [] : [`${indent}${visible(error)}`]),
    ...(command === undefined ? [] : [`${indent}${painted(command, 'bold', screen)}`]),
  ]
}

/** Where the sentences begin. */
const INDENT = 22

/** What mends it: mostly a command, as it can be typed. */
function remedyOf({ check, remedy, key, path }: DoctorFinding, program: string): string | undefined {
  if (remedy === 'fix') return `${program} doctor --fix`
  // What has changed of late goes when it is older; this shows what goes when no age counts.
  if (remedy === 'sweep' && check === 'orphans' && key !== undefined)
    return `${program} sweep ${key.envId} --max-age-days 0 --dry-run`
  if (remedy === 'sweep') return `${program} sweep ${key?.envId ?? ''}`.trimEnd()
  if (remedy === 'cleanup' && key !== undefined) return `${program} cleanup ${nameOf(key)}`
  if (remedy === 'finish' && key !== undefined)
    return 'taskId' in key
      ? `${program} finish ${nameOf(key)} <succeeded, failed or cancelled>`
      : `${program} list ${nameOf(key)}`
  if (remedy === 'update') return 'npm install --global git-task-isolation@latest'
  if (remedy === 'free-space') return `${program} sweep --max-age-days 1`
  if (remedy === 'install') return 'https://git-scm.com/downloads'
  if (remedy === 'prepare' && key !== undefined)
    return `${program} prepare ${key.envId} <task> --source <url or path>`
  if (remedy === 'look' && check === 'workspaces' && key !== undefined && 'taskId' in key)
    return `${program} show ${nameOf(key)}`
  return path === undefined ? undefined : onPath(remedy, shellWord(path))
}

function onPath(remedy: DoctorFinding['remedy'], path: string): string | undefined {
  if (remedy === 'permit') return `chmod u+rwx ${path}`
  if (remedy === 'own') return `sudo mkdir -p ${path} && sudo chown -R "$(id -u)" ${path}`
  if (remedy === 'look') return `ls -ld ${path}`
  return remedy === 'move' ? `mv ${path} <somewhere else>` : undefined
}

function conclusion(problems: number, fixed: number): string {
  const mended = fixed === 0 ? '' : `${count(fixed, 'problem was', 'problems were')} put right. `
  if (problems === 0) return `${mended}Nothing is amiss.`
  return `${mended}${count(problems, 'problem is', 'problems are')} left.`
}
