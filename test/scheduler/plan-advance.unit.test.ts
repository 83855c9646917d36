import type { ScheduleDefinition } from '../../src/domain/schedule/schedule-definition.js'
import type { DueSchedule } from '../../src/projections/schedule/due-schedules.js'
import { planAdvance } from '../../src/scheduler/plan-advance.js'
import { schedule } from '../timetable/schedules.js'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 0, 1, 12)

const advanced = (row: DueSchedule, now: number, taskCount = 3) => planAdvance(row, now, taskCount)

function due(definition: ScheduleDefinition, through: number, runs = { open: 0, queued: 0 }): DueSchedule {
  const counters = { fired: 0, missed: 0, skipped: 0, dropped: 0 }
  const dag = { dagId: 'dag_1', version: 3, name: 'x', projectId: 'project_1', latestVersionId: 'dagversion_1' }
  const at = new Date(through)
  return { ...dag, ...counters, ...runs, parameters: null, schedule: schedule(definition), anchorAt: at, through: at }
}

const every = (more: ScheduleDefinition): ScheduleDefinition => ({
  cron: '* * * * *',
  overlapPolicy: 'ALLOW_ALL',
  ...more,
})

it('where nothing is due it says only when to look again', () => {
  const plan = advanced(due(every({}), NOON), NOON + 59_999)
  expect(plan).toEqual({ through: NOON, nextAt: NOON + MINUTE, fires: [], skipped: [], dropped: [], missed: 0 })
})

it('what is late by up to a minute is no matter of catchup', () => {
  const plan = advanced(due(every({ catchup: 'NONE' }), NOON), NOON + 2 * MINUTE)
  expect(plan.fires.map(({ at }) => (at - NOON) / MINUTE)).toEqual([1, 2])
  expect(advanced(due(every({ catchup: 'NONE' }), NOON), NOON + 2 * MINUTE + 1)).toMatchObject({ missed: 1 })
})

it('of a long downtime so many fire in one go, and the look that follows goes on from there', () => {
  const first = advanced(due(every({ catchup: 'ALL' }), NOON), NOON + 250 * MINUTE)
  expect(first).toMatchObject({ through: NOON + 100 * MINUTE, nextAt: NOON + 250 * MINUTE, missed: 0 })
  expect(first.fires).toHaveLength(100)
  const last = advanced(due(every({ catchup: 'ALL' }), NOON + 200 * MINUTE), NOON + 250 * MINUTE)
  expect(last).toMatchObject({ through: NOON + 250 * MINUTE, nextAt: NOON + 251 * MINUTE })
  expect(last.fires).toHaveLength(50)
})

it('a look at very many times ends early and is no reason to fire one of them', () => {
  const cron = '* * * * * *'
  const plan = advanced(due({ cron, catchup: 'LAST' }, NOON), NOON + 120 * MINUTE)
  expect(plan).toMatchObject({ through: NOON + 5_000_000, missed: 5_000, fires: [] })
  expect(plan.nextAt).toBeLessThanOrEqual(NOON + 120 * MINUTE)
})

it('jitter holds a fire back, the same for all who look', () => {
  const jittered = due(every({ jitter: '50s' }), NOON)
  const { nextAt } = advanced(jittered, NOON)
  expect(nextAt).toBeGreaterThan(NOON + MINUTE)
  expect(nextAt).toBeLessThan(NOON + MINUTE + 50_000)
  expect(advanced(jittered, (nextAt as number) - 1).fires).toEqual([])
  expect(advanced(jittered, nextAt as number).fires).toEqual([{ at: NOON + MINUTE, isQueued: false }])
})

it('BUFFER_ALL drops what no longer fits', () => {
  const buffering = every({ overlapPolicy: 'BUFFER_ALL', catchup: 'ALL' })
  const plan = advanced(due(buffering, NOON, { open: 999, queued: 998 }), NOON + 5 * MINUTE)
  expect(plan.fires.map(({ isQueued }) => isQueued)).toEqual([true, true])
  expect(plan.dropped).toHaveLength(3)
})

it('of several at once the last counts where others are canceled', () => {
  for (const overlapPolicy of ['CANCEL_OTHER', 'TERMINATE_OTHER'] as const) {
    const plan = advanced(
      due(every({ overlapPolicy, catchup: 'ALL' }), NOON, { open: 1, queued: 0 }),
      NOON + 3 * MINUTE,
    )
    expect(plan.fires).toEqual([{ at: NOON + 3 * MINUTE, isQueued: overlapPolicy === 'CANCEL_OTHER' }])
    expect(plan.skipped).toHaveLength(2)
  }
})

it('of large DAGs it fires fewer at once, but always one', () => {
  const behind = due(every({ catchup: 'ALL' }), NOON)
  const fires = (taskCount: number) => advanced(behind, NOON + 250 * MINUTE, taskCount).fires.length
  expect([fires(10), fires(10_000), fires(100_000)]).toEqual([100, 5, 1])
})
