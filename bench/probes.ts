import type { Place, ProbesJob } from './jobs.js'
import { look } from './probes/look.js'
import type { Probe, ProbeSize } from './probes/probe.js'
import { removal } from './probes/removal.js'
import { reuse } from './probes/reuse.js'
import { usage } from './probes/usage.js'
import type { ProbeResults } from './results.js'

/** A further probe is one more entry. */
const probes: readonly Probe[] = [reuse, look, removal, usage]

/** Runs the probes that want a repository of this size, one after the other. */
export async function runProbes({ place, size, ...how }: ProbesJob): Promise<ProbeResults> {
  const all: ProbeResults = []
  for (const probe of probes.filter(({ sizes }) => sizes === 'every' || size === 'smallest')) {
    all.push(await runProbe(probe, place, how))
  }
  return all
}

async function runProbe(
  { name, unit, run }: Probe,
  place: Place,
  how: ProbeSize,
): Promise<ProbeResults[number]> {
  const series = Object.entries(await run(place, how))
  return { probe: name(how), unit, series: series.map(([label, values]) => ({ name: label, values })) }
}
