import fc from 'fast-check'
import type { Plan } from '../../../src/domain/dag/plan.js'
import type { InstanceId } from '../../../src/domain/ids.js'
import { INSTANCE_ENDS, type InstanceStatus, isRunEnd, type RunStatus } from '../../../src/domain/run/status.js'
import { randomPlan } from './random-plan.js'
import { arrows, PAGE } from './run-states-page.js'
import { happenings, Simulation, STORM, type Transition } from './simulation.js'

/** The statuses of a table of the page, and whether it calls them ends. */
function table(heading: string): { status: string; isEnd: boolean }[] {
  const section = PAGE.slice(PAGE.indexOf(`## ${heading}`))
    .slice(3)
    .split('\n## ')[0] as string
  return [...section.matchAll(/^\| `(\w+)` \| (yes)? ?\|/gm)].map(([, status, end]) => {
    return { status: status as string, isEnd: end === 'yes' }
  })
}

/** What a fixed storm of random runs does, long enough to do everything that can be done. */
function observed(): Transition[] {
  const seen = new Map<string, Transition>()
  const ways = fc.tuple(randomPlan(3), fc.constantFrom(null, ...INSTANCE_ENDS), happenings(40, STORM))
  for (const [plan, end, steps] of fc.sample(ways, { numRuns: 3_000, seed: 1 })) {
    const isReused = end !== null && plan.tasks.length > 1
    const reused = isReused
      ? [{ task: 't0', from: 'instance_1' as InstanceId, status: end, exitCode: null, output: null }]
      : []
    const simulation = new Simulation(plan, reused)
    for (const step of steps) simulation.happen(step)
    simulation.drain()
    for (const [key, transition] of simulation.transitions) seen.set(key, transition)
  }
  // One that waits for others, moves in its queues to be, and is canceled before its turn comes.
  const [plan] = fc.sample(randomPlan(3), { numRuns: 1, seed: 1 })
  const waiting = new Simulation(plan as Plan, [], true)
  waiting.happen({ act: 'prioritize', pick: 1, outcome: 'SUCCEEDED', forced: 'SUCCEEDED' })
  waiting.happen({ act: 'cancelRun', pick: 0, outcome: 'SUCCEEDED', forced: 'SUCCEEDED' })
  for (const [key, transition] of waiting.transitions) seen.set(key, transition)
  return [...seen.values()]
}

describe('docs/run-states.md', () => {
  const transitions = observed()
  const seen = (machine: Transition['machine']) =>
    transitions.filter((each) => each.machine === machine).map(({ from, event, to }) => `${from} ${event} ${to}`)

  it('draws every transition of a run, and no other', () => {
    expect(arrows('run')).toEqual(seen('run').sort())
  })

  it('draws every transition of an instance, and no other', () => {
    expect(arrows('instance')).toEqual([...seen('instance'), '[*] RunRequested PENDING'].sort())
  })

  it('draws no way out of an end', () => {
    const from = (arrow: string) => arrow.split(' ')[0] as string
    expect(arrows('run').filter((arrow) => isRunEnd(from(arrow) as RunStatus))).toEqual([])
    expect(arrows('instance').filter((arrow) => (INSTANCE_ENDS as readonly string[]).includes(from(arrow)))).toEqual([])
  })

  it('explains every status, and calls the ends ends', () => {
    const statuses = (machine: Transition['machine']) =>
      new Set(arrows(machine).flatMap((arrow) => arrow.split(' ').filter((word) => /^[A-Z_]+$/.test(word))))
    const runs = [...statuses('run')].map((status) => ({ status, isEnd: isRunEnd(status as RunStatus) }))
    const isInstanceEnd = (status: string) => (INSTANCE_ENDS as readonly InstanceStatus[]).includes(status as never)
    const instances = [...statuses('instance')].map((status) => ({ status, isEnd: isInstanceEnd(status) }))
    const byName = (a: { status: string }, b: { status: string }) => a.status.localeCompare(b.status)
    expect(table('A run').sort(byName)).toEqual(runs.sort(byName))
    expect(table('An instance by itself').sort(byName)).toEqual(instances.sort(byName))
  })
})
