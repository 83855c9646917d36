import fc from 'fast-check'
import type { Client } from 'pg'
import { ordinalOf } from '../../../src/domain/dag/elements.js'
import type { Plan } from '../../../src/domain/dag/plan.js'
import type { RunEvent, RunRequested } from '../../../src/domain/run/events.js'
import { isLive, isOpen, statusOf } from '../../../src/domain/run/state.js'
import { deriveId, newId } from '../../../src/platform/ids.js'
import type { AppliedEvent } from '../../../src/projections/projection.js'
import { instanceIds, ordinalsOf } from '../../../src/projections/run/run-facts.js'
import { runProjection } from '../../../src/projections/run/run-projection.js'
import { waitingProjection } from '../../../src/projections/waiting/waiting-projection.js'
import { randomPlan } from '../../domain/run/random-plan.js'
import { happenings, Simulation, STORM } from '../../domain/run/simulation.js'
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js'
import { scaled } from '../../helpers/scale.js'

const TABLES = ['run', 'instance', 'attempt', 'queue_entry', 'queue_hold']

let db: TestDatabase
let session: Client

beforeAll(async () => {
  db = await createTestDatabase()
  session = await db.owner.openSession()
  for (const schema of ['single', 'batched']) {
    await session.query(`CREATE SCHEMA ${schema}`)
    for (const table of TABLES) {
      await session.query(`CREATE TABLE ${schema}.${table} (LIKE public.${table} INCLUDING ALL)`)
    }
  }
})

afterAll(async () => {
  await session.end()
  await db.drop()
})

interface Ids {
  readonly runId: string
  readonly versionId: string
}

/** A run's events as they come to the projections, a second apart. */
function appliedEvents(events: readonly RunEvent[], plan: Plan, { runId, versionId }: Ids): AppliedEvent[] {
  const projectId = newId('project')
  const ordinals = new Map(plan.tasks.map(({ key, ordinal }) => [key, ordinal]))
  return events.map((event, at) => {
    const task = (event.data as { task?: string }).task
    const instanceId = task === undefined ? null : deriveId('instance', runId, ordinalOf(ordinals, task) as number)
    const ids = { projectId, dagVersionId: versionId, rootRunId: runId } as Partial<RunRequested>
    const data = event.type === 'RunRequested' ? { ...event.data, ...ids } : event.data
    const recordedAt = new Date(1_700_000_000_000 + at * 1_000)
    const base = { streamId: runId, version: at + 1, type: event.type, data, projectId, dagId: null, instanceId }
    return { ...base, actor: 'system', recordedAt }
  })
}

async function project(schema: string, plan: Plan, ids: Ids, batches: readonly AppliedEvent[][]): Promise<void> {
  await session.query(`SET search_path = ${schema}`)
  const ordinals = ordinalsOf(plan)
  const { runId, versionId: planId } = ids
  let priority = 0
  for (const batch of batches) {
    const run = { plan, planId, ordinals, priority, instanceId: instanceIds(runId, ordinals) }
    for (const projection of [runProjection, waitingProjection]) {
      for (const statement of projection.statements(batch, () => run)) await session.query(statement)
    }
    for (const { type, data } of batch as readonly RunEvent[])
      if (type === 'RunPriorityChanged') priority = data.priority
  }
}

function cut(events: readonly AppliedEvent[], sizes: readonly number[]): AppliedEvent[][] {
  const batches: AppliedEvent[][] = []
  for (let from = 0, at = 0; from < events.length; at += 1) {
    const size = sizes[at % sizes.length] as number
    batches.push(events.slice(from, from + size))
    from += size
  }
  return batches
}

async function rowsOf(schema: string): Promise<unknown> {
  const all = TABLES.map((table) => `SELECT '${table}' AS of, to_jsonb(t) AS row FROM ${schema}.${table} t`)
  return (await session.query(`${all.join(' UNION ALL ')} ORDER BY 1, 2`)).rows
}

it('rows do not depend on how events are batched, and are where the domain’s state is', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 })
  const property = fc.asyncProperty(randomPlan(7), happenings(90, STORM), sizes, async (plan, steps, cuts) => {
    const simulation = new Simulation(plan, [])
    for (const step of steps) simulation.happen(step)
    const ids = { runId: newId('run'), versionId: newId('dagversion') }
    const events = appliedEvents(simulation.events, plan, ids)
    await session.query('BEGIN')
    await project('single', plan, ids, cut(events, [1]))
    await project('batched', plan, ids, cut(events, cuts))
    expect(await rowsOf('batched')).toEqual(await rowsOf('single'))
    await expectRowsOf(simulation)
    await session.query('ROLLBACK')
  })
  await fc.assert(property, { numRuns: scaled(40) })
})

async function expectRowsOf({ state, events }: Simulation): Promise<void> {
  const { rows: runs } = await session.query('SELECT version, status FROM run')
  expect(runs).toEqual([{ version: events.length, status: state.status }])
  if (!isOpen(state)) return
  const { rows } = await session.query(`
    SELECT i.task_key AS key, i.status, e.instance_id IS NOT NULL AS waits, h.fence FROM instance i
    LEFT JOIN queue_entry e ON e.instance_id = i.id LEFT JOIN queue_hold h ON h.instance_id = i.id`)
  const byKey = new Map(rows.map(({ key, ...row }) => [key, row]))
  expect(byKey).toEqual(
    new Map(
      state.plan.tasks.map(({ key, ordinal }) => {
        const instance = state.instances[ordinal]!
        const fence = isLive(instance) ? instance.fence : null
        return [key, { status: statusOf(instance), waits: instance.status === 'QUEUED', fence }]
      }),
    ),
  )
  const { rows: held } = await session.query('SELECT DISTINCT is_held FROM queue_entry')
  if (held.length > 0) expect(held).toEqual([{ is_held: state.status === 'PAUSED' }])
}
