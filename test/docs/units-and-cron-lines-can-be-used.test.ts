import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { type DocumentWorld, documentWorld } from './document-world.js'
import { documents } from './documents.js'

const blocks = documents().flatMap((document) => document.blocks)
const units = blocks.filter(({ language }) => language === 'ini').map(({ code }) => code)
const cronLines = blocks.filter(({ language }) => language === 'crontab').map(({ code }) => code)

const UNIT_FILE = /^# \/etc\/systemd\/system\/(?<name>[\w-]+\.(?:service|timer))$/m
const UNIT_LINE = /^(?:\[\w+\]|\w+=.+|#.*|)$/
const CRON_PATH = /^PATH=(?<path>.+)\n/
const CRON_LINE = /^(?:[\d*/,-]+ ){5}\w+ (?<command>.+)$/

test('every unit is one that systemd takes', async () => {
  const world = await installedWorld()
  const folder = join(world.directory, 'units')
  await mkdir(folder)
  expect(units.length).toBeGreaterThan(0)
  const files = units.map((unit) =>
    join(folder, basename(UNIT_FILE.exec(unit)?.groups?.['name'] ?? 'unnamed')),
  )
  for (const [at, unit] of units.entries()) {
    expect(unit.split('\n').filter((line) => !UNIT_LINE.test(line))).toEqual([])
    await writeFile(files[at] ?? '', localised(unit, world))
  }
  const verified = await runProgram('sh', ['-c', VERIFY, 'sh', ...files])
  // It may have something to say of the machine's other units as well.
  const said = `${verified.stdout}${verified.stderr}`.split('\n')
  expect(said.filter((line) => files.some((file) => line.includes(basename(file))))).toEqual([])
})

// Where there is no systemd, that every line is one of a unit has to do.
const VERIFY = 'command -v systemd-analyze > /dev/null || exit 0; exec systemd-analyze verify "$@"'

test('what units and cron start can be started', async () => {
  const world = await installedWorld()
  const commands = [...units.flatMap(commandOfUnit), ...cronLines.flatMap(commandsOfCron)]
  expect(commands.length).toBeGreaterThan(1)
  for (const command of commands) {
    const ended = await runProgram('sh', ['-c', localised(command, world)], {
      cwd: world.directory,
      env: world.environment,
    })
    expect({ command, ...ended }).toMatchObject({ code: 0, stderr: '' })
  }
})

/** The command with its environment, as a shell would start it. */
function commandOfUnit(unit: string): string[] {
  const valuesOf = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.+)$`, 'gm'))].map(([, value]) => value)
  const [command] = valuesOf('ExecStart')
  return command === undefined ? [] : [[...valuesOf('Environment'), command].join(' ')]
}

/** Where cron would not find the program, it would not find the `node` beside it either. */
function commandsOfCron(lines: string): string[] {
  expect(CRON_PATH.exec(lines)?.groups?.['path']?.split(':')).toContain('/usr/local/bin')
  const commands = lines
    .replace(CRON_PATH, '')
    .split('\n')
    .map((line) => CRON_LINE.exec(line)?.groups?.['command'])
  expect(commands).not.toContain(undefined)
  return commands.filter((command) => command !== undefined)
}

const installedWorld = async () => documentWorld(join(await temporaryDirectory(), 'world'))

function localised(text: string, world: DocumentWorld): string {
  return world.localised(text).replaceAll('/usr/local/bin/', `${join(world.directory, 'bin')}/`)
}
