import fc from 'fast-check'
import type { InstanceId } from '../../../src/domain/ids.js'
import { INSTANCE_ENDS } from '../../../src/domain/run/status.js'
import { randomPlan } from './random-plan.js'
import { arrows } from './run-states-page.js'
import { happenings, Simulation } from './simulation.js'

const reuse = fc.record({
  from: fc.constant('instance_1' as InstanceId),
  status: fc.constantFrom(...INSTANCE_ENDS),
  exitCode: fc.constant(null),
  output: fc.nat(7),
})

/** Which tasks of the plan are taken over: by position, modulo the plan's length, never all. */
const reuses = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.tuple(fc.nat(1_000), reuse)))

const DRAWN = { run: new Set(arrows('run')), instance: new Set(arrows('instance')) }

/**
 * Plays a random plan under random happenings; the oracle throws where an event must not be, and the simulation where a
 * replay, `execute` and the state, or the counts, differ. No transition is missing from docs/run-states.md.
 */
function play(maxTasks: number, maxHappenings: number) {
  return fc.property(randomPlan(maxTasks), reuses, happenings(maxHappenings), (plan, taken, steps) => {
    const byTask = new Map(taken.map(([at, data]) => [plan.tasks[at % plan.tasks.length]?.key as string, data]))
    const reused = [...byTask].slice(0, plan.tasks.length - 1).map(([task, data]) => ({ task, ...data }))
    const simulation = new Simulation(plan, reused)
    for (const step of steps) simulation.happen(step)
    simulation.drain()
    const { length } = simulation.events
    for (const step of steps) simulation.happen(step)
    expect(simulation.events).toHaveLength(length)
    for (const { machine, from, event, to } of simulation.transitions.values()) {
      if (!DRAWN[machine].has(`${from} ${event} ${to}`)) throw new Error(`Not drawn: ${from} ${event} ${to}`)
    }
  })
}

describe('whatever happens to a run', () => {
  it('keeps every law, in small DAGs', () => {
    fc.assert(play(6, 60), { numRuns: 600 })
  })

  it('keeps every law, in DAGs of up to 60 tasks', () => {
    fc.assert(play(60, 400), { numRuns: 60 })
  })
})
