import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { randomPlan } from '../domain/run/random-plan.js'
import { happenings, Simulation, STORM } from '../domain/run/simulation.js'
import { checkEventSchemas } from './check-event-schemas.js'
import { EVENT_TYPES } from './event-types.js'

const FOLDER = new URL('../../schema/events/', import.meta.url)

it('every event type has its schema, and no schema is left over', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(EVENT_TYPES).sort().map((type) => `${type}.json`))
})

it('a schema names its type, wants every field but those that say that they are left out, and allows no other', () => {
  for (const type of Object.keys(EVENT_TYPES)) {
    const schema = JSON.parse(readFileSync(new URL(`${type}.json`, FOLDER), 'utf8'))
    expect(schema).toMatchObject({ title: type, type: 'object', additionalProperties: false })
    const fields = Object.entries(schema.properties as { [name: string]: { description?: string } })
    const wanted = fields.filter(([, { description = '' }]) => !/left out where/i.test(description))
    expect(schema.required).toEqual(wanted.map(([name]) => name))
  }
})

it('whatever happens to a run, its events are as their schemas say', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(randomPlan(8), happenings(80, STORM), (plan, steps) => {
      const simulation = new Simulation(plan, [])
      for (const step of steps) simulation.happen(step)
      simulation.drain()
      checkEventSchemas(simulation.events)
      for (const { type } of simulation.events) seen.add(type)
    }),
    { numRuns: 200 },
  )
  expect(seen.size).toBeGreaterThan(20)
})

it('a later field may be missing, but not wrong', () => {
  const nothing = { exitCode: 0, errorMessage: null, cpuSeconds: 1, output: null, forcedBecause: null }
  const data = { task: 't', attempt: 1, ...nothing }
  const usage = { averageMemoryMb: 1.5, peakMemoryMb: null, averageCpuPercent: 99 }
  expect(() => checkEventSchemas([{ type: 'InstanceSucceeded', data }])).not.toThrow()
  expect(() => checkEventSchemas([{ type: 'InstanceSucceeded', data: { ...data, usage } }])).not.toThrow()
  const wrong = { ...data, usage: { ...usage, peakMemoryMb: 'much' } }
  expect(() => checkEventSchemas([{ type: 'InstanceSucceeded', data: wrong }])).toThrow('InstanceSucceeded is not as')
})

it('an event that is not as its schema says is named', () => {
  const data = { task: 't', attempt: 1, isHeld: false }
  expect(() => checkEventSchemas([{ type: 'InstanceQueued', data }])).not.toThrow()
  for (const wrong of [{ ...data, attempt: 0 }, { ...data, isHeld: null }, { ...data, more: 1 }, { task: 't' }]) {
    expect(() => checkEventSchemas([{ type: 'InstanceQueued', data: wrong }])).toThrow('InstanceQueued is not as')
  }
})
