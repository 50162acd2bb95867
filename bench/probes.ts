import type { Place, ProbesJob } from './jobs.js'
import { look } from './probes/look.js'
import type { Probe } from './probes/probe.js'
import { removal } from './probes/removal.js'
import { reuse } from './probes/reuse.js'
import type { ProbeResults } from './results.js'

/** A further probe is one more entry. */
const probes: readonly Probe[] = [reuse, look, removal]

/** Runs the probes that want a repository of this size, one after the other. */
export async function runProbes({ place, files, size, repeats }: ProbesJob): Promise<ProbeResults> {
  const all: ProbeResults = []
  for (const probe of probes.filter(({ sizes }) => sizes === 'every' || size === 'smallest')) {
    all.push(await runProbe(probe, place, { files, repeats }))
  }
  return all
}

async function runProbe(
  { name, unit, run }: Probe,
  place: Place,
  how: { readonly files: number; readonly repeats: number },
): Promise<ProbeResults[number]> {
  const series = Object.entries(await run(place, how))
  return { probe: name(how.files), unit, series: series.map(([label, values]) => ({ name: label, values })) }
}
