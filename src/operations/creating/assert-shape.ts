import { InputError } from '../../errors/workspace-error.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import { SHAPE_PARTS, type ShapePart } from '../../model/shape.js'
import type { Strategy } from '../../strategies/strategy.js'

/** Refuses a shape that the strategy cannot make. @throws InputError OPTIONS_INVALID naming the field. */
export function assertShapeFits({ shape, source }: PrepareSettings, strategy: Strategy): void {
  const asked = SHAPE_PARTS.filter((part) => shape?.[part] !== undefined)
  const impossible = asked.find((part) => !strategy.shapes?.includes(part))
  if (impossible !== undefined)
    throw cannot(impossible, strategy, `the strategy "${strategy.name}" cannot do that`)
  if (shape?.filter !== undefined && source?.kind === 'path' && strategy.traits.sharesRefs)
    throw cannot('filter', strategy, 'the checkout belongs to your own repository, and there is no mirror')
}

function cannot(field: ShapePart, { name }: Strategy, problem: string): InputError {
  return new InputError('OPTIONS_INVALID', `the request cannot be used: ${field}: ${problem}`, {
    data: { field, strategy: name },
    hint: `Leave \`${field}\` out, or use another strategy; the strategy 'clone' can make every shape.`,
  })
}
