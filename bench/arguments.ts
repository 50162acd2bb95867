import { parseArgs } from 'node:util'
import { contenderOf, field } from './contenders/field.js'
import { PARTS, type Part, type PlanSettings } from './plan.js'

export const USAGE = `npm run bench -- [options]

  --quick                    200 and 5,000 files and few rounds, in about a minute
  --files 200,5000           repositories with so many files
  --tasks 1,20               so many tasks at once
  --contenders a,b           ${field.map(({ id }) => id).join(', ')}
  --parts a,b                ${PARTS.join(', ')}
  --rounds n                 in every cell
  --most-files n             leave out what has more files in all tasks together (100,000; a million adds hours)
  --docs folder              write performance.md and performance.svg there; a run without any options writes docs/
  --save file                keep what was measured, as JSON
  --from file                measure nothing, show what was saved
`

export interface Arguments {
  readonly command: string
  readonly plan: PlanSettings
  readonly docs: string | undefined
  readonly save: string | undefined
  readonly from: string | undefined
}

/** @throws TypeError for an unknown option, Error for a value that cannot be used. */
export function parseArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      quick: { type: 'boolean' },
      files: { type: 'string' },
      tasks: { type: 'string' },
      contenders: { type: 'string' },
      parts: { type: 'string' },
      rounds: { type: 'string' },
      'most-files': { type: 'string' },
      docs: { type: 'string' },
      save: { type: 'string' },
      from: { type: 'string' },
    },
  })
  if (values.help) return 'help'
  return {
    command: ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
    plan: planSettings(values),
    docs: values.docs ?? (args.length === 0 ? 'docs' : undefined),
    save: values.save,
    from: values.from,
  }
}

interface PlanValues {
  readonly quick?: boolean
  readonly files?: string
  readonly tasks?: string
  readonly contenders?: string
  readonly parts?: string
  readonly rounds?: string
  readonly 'most-files'?: string
}

function planSettings(values: PlanValues): PlanSettings {
  const pace = values.quick ? 'quick' : 'full'
  return {
    pace,
    files: numbers('files', values.files ?? (pace === 'quick' ? '200,5000' : '200,5000,50000')),
    tasks: numbers('tasks', values.tasks ?? (pace === 'quick' ? '1,20' : '1,20,200')),
    contenders: values.contenders?.split(',').map((id) => contenderOf(id).id) ?? field.map(({ id }) => id),
    parts: values.parts?.split(',').map(partOf) ?? PARTS,
    rounds: numberOf('rounds', values.rounds),
    mostFilesAtOnce: numberOf('most-files', values['most-files']),
  }
}

function numberOf(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numbers(option, text)[0]
}

function numbers(option: string, text: string): number[] {
  const parsed = text.split(',').map(Number)
  if (parsed.every((number) => Number.isSafeInteger(number) && number > 0)) return parsed
  throw new Error(`--${option} takes whole numbers above zero, not "${text}"`)
}

function partOf(text: string): Part {
  const part = PARTS.find((each) => each === text)
  if (part !== undefined) return part
  throw new Error(`there is no part "${text}"; there are ${PARTS.join(', ')}`)
}
