import { arrow, box, type Point, page, text } from './svg.js'

/** The states of a session that the picture shows, from left to right, with what is said of each. */
export const STATES = {
  reserved: 'id, folder, branch',
  preparing: 'mirror, checkout',
  ready: 'the agent works',
  finished: 'waits to be removed',
  removing: 'archived, then moved',
} as const

type StateName = keyof typeof STATES

/** The arrows between states; a test compares them with the table that the code goes by. */
export const STEPS: readonly { from: StateName; to: StateName; verb: string }[] = [
  { from: 'reserved', to: 'preparing', verb: '' },
  { from: 'preparing', to: 'ready', verb: '' },
  { from: 'ready', to: 'finished', verb: 'finish' },
  { from: 'finished', to: 'removing', verb: 'cleanup, sweep' },
  { from: 'finished', to: 'ready', verb: 'prepare again' },
  { from: 'ready', to: 'removing', verb: 'cleanup' },
]

const WIDTH = 132
const HEIGHT = 46
const GAP = 36
const LEFT = 24
const MIDDLE = 94
const BELOW = 208

/** From the first `prepare` of a task to the day when nothing is left but its archive. */
export function lifePicture(): string {
  const title = "A task's life: reserved, preparing, ready, finished, removing, archived, restored"
  return page({ title, width: 860, height: 274 }, [
    ...Object.entries(STATES).map(([name, meaning], at) => drawState(at, name, meaning)),
    ...drawStraight(),
    ...drawArcs(),
    ...drawPrepare(),
    ...drawArchive(),
    ...drawFailure(),
  ])
}

const leftOf = (at: number) => LEFT + at * (WIDTH + GAP)
const centreOf = (at: number) => leftOf(at) + WIDTH / 2
const placeOf = (state: StateName) => Object.keys(STATES).indexOf(state)

function drawState(at: number, name: string, meaning: string): string {
  return drawBox([leftOf(at), MIDDLE], name, meaning, name === 'ready' ? 'ours' : 'box')
}

function drawBox([x, y]: Point, name: string, meaning: string, style: string): string {
  return [
    box(style, [x, y], WIDTH, HEIGHT),
    text(x + WIDTH / 2, y + 20, name, { style: 'strong', anchor: 'middle' }),
    text(x + WIDTH / 2, y + 37, meaning, { style: 'faint small', anchor: 'middle' }),
  ].join('\n')
}

/** Steps to the next state: the verb is above where it fits, which is nowhere between two boxes. */
function drawStraight(): string[] {
  const y = MIDDLE + HEIGHT / 2
  return STEPS.filter(({ from, to }) => placeOf(to) === placeOf(from) + 1).map(({ from, to }) =>
    arrow([
      [leftOf(placeOf(from)) + WIDTH, y],
      [leftOf(placeOf(to)), y],
    ]),
  )
}

/** Verbs of the steps after `ready`, above and below the boxes. */
function drawArcs(): string[] {
  const [ready, finished, removing] = [centreOf(2), centreOf(3), centreOf(4)]
  const [top, bottom] = [MIDDLE, MIDDLE + HEIGHT]
  return [
    verb((ready + finished) / 2, top - 12, verbOf('ready', 'finished')),
    verb((finished + removing) / 2, top - 12, verbOf('finished', 'removing')),
    arrow([
      [ready + 30, top],
      [ready + 30, top - 48],
      [removing + 30, top - 48],
      [removing + 30, top],
    ]),
    verb((ready + removing) / 2 + 30, top - 56, verbOf('ready', 'removing')),
    arrow([
      [finished, bottom],
      [finished, bottom + 26],
      [ready + 30, bottom + 26],
      [ready + 30, bottom],
    ]),
    verb((ready + finished) / 2 + 15, bottom + 42, verbOf('finished', 'ready')),
    arrow([
      [ready - 34, top],
      [ready - 34, top - 26],
      [ready + 6, top - 26],
      [ready + 6, top],
    ]),
    verb(ready - 14, top - 33, 'refresh'),
  ]
}

function drawPrepare(): string[] {
  const y = MIDDLE - 30
  return [
    arrow([
      [leftOf(0), y],
      [centreOf(2) - 62, y],
      [centreOf(2) - 62, MIDDLE],
    ]),
    verb((leftOf(0) + centreOf(2) - 62) / 2, y - 8, 'prepare'),
  ]
}

/** What a removal leaves, and the way back. */
function drawArchive(): string[] {
  const [x, bottom] = [leftOf(4), MIDDLE + HEIGHT]
  const back = BELOW + HEIGHT / 2
  return [
    drawBox([x, BELOW], 'archive', 'kept for 30 days', 'ours'),
    arrow([
      [centreOf(4), bottom],
      [centreOf(4), BELOW],
    ]),
    text(centreOf(4) - 8, bottom + 36, 'unsaved work', { style: 'faint small', anchor: 'end' }),
    arrow([
      [x, back],
      [centreOf(0) - 40, back],
      [centreOf(0) - 40, bottom],
    ]),
    verb((x + centreOf(0)) / 2, back - 8, 'restore'),
  ]
}

function drawFailure(): string[] {
  const bottom = MIDDLE + HEIGHT
  const down = (at: number) =>
    arrow(
      [
        [centreOf(at) + 20, bottom],
        [centreOf(at) + 20, bottom + 28],
      ],
      'dashed',
    )
  const between = (centreOf(0) + centreOf(1)) / 2 + 20
  return [
    down(0),
    down(1),
    text(between, bottom + 46, 'a failure or a kill: undone', { style: 'faint small', anchor: 'middle' }),
  ]
}

const verbOf = (from: StateName, to: StateName) =>
  STEPS.find((step) => step.from === from && step.to === to)?.verb ?? ''

const verb = (x: number, y: number, name: string) => text(x, y, name, { style: 'mono', anchor: 'middle' })
