import {
  type DagCommand,
  type DagEvent,
  type DagState,
  decideDag,
  evolveDag,
  NO_DAG,
} from '../../../src/domain/dag/dag.js'
import type { DagVersionId, ProjectId } from '../../../src/domain/ids.js'
import { isRefused } from '../../../src/domain/rejection.js'
import type { ScheduleDefinition } from '../../../src/domain/schedule/schedule-definition.js'

function publish(schedule: ScheduleDefinition | undefined, checksum: string): DagCommand {
  const definition = { name: 'x', ...(schedule && { schedule }), tasks: { t: { noop: {} } } }
  const ids = { dagVersionId: 'dagversion_1' as DagVersionId, projectId: 'project_1' as ProjectId }
  return { type: 'PublishDag', ...ids, source: '', definition, checksum, expectedVersion: null }
}

const advance = { through: '2026-01-01T00:00:00.000Z', nextAt: null, fired: [], skipped: [], dropped: [], missed: 0 }

/** The state after the commands, and the events of the last. */
function after(...commands: DagCommand[]): { state: DagState; types: string[]; events: readonly DagEvent[] } {
  let state = NO_DAG
  let events: readonly DagEvent[] = []
  for (const command of commands) {
    const decision = decideDag(command, state)
    if (isRefused(decision)) throw new Error(JSON.stringify(decision))
    events = decision
    state = decision.reduce(evolveDag, state)
  }
  return { state, events, types: events.map(({ type }) => type) }
}

it('a publish says what it changes about the schedule, in full', () => {
  const { events, types } = after(publish({ cron: '0 0 * * *' }, 'a'))
  expect(types).toEqual(['DagCreated', 'DagVersionPublished', 'DagScheduleChanged'])
  expect(events[2]?.data).toEqual({
    schedule: {
      crons: ['0 0 * * *'],
      intervalMs: null,
      timezone: 'UTC',
      startsAt: null,
      endsAt: null,
      overlapPolicy: 'SKIP',
      catchup: 'LAST',
      catchupWindowMs: 86_400_000,
      jitterMs: 0,
      onSkippedTime: 'SHIFT_FORWARD',
      onRepeatedTime: null,
    },
  })
})

it('it says nothing where the schedule means the same, and when it is taken away says so once', () => {
  const daily = publish({ cron: '0 0 * * *' }, 'a')
  expect(after(daily, publish({ cron: ['0 0 * * *'], jitter: '0s' }, 'b')).types).toEqual(['DagVersionPublished'])
  expect(after(daily, publish({ cron: ['0 0 * * *', '0 1 * * *'] }, 'b')).types).toContain('DagScheduleChanged')
  expect(after(daily, publish({ cron: '0 0 * * *', timezone: 'Asia/Tokyo' }, 'b')).types).toContain(
    'DagScheduleChanged',
  )
  const gone = after(daily, publish(undefined, 'b'))
  expect(gone.events.at(-1)).toEqual({ type: 'DagScheduleChanged', data: { schedule: null } })
  expect(after(daily, publish(undefined, 'b'), publish(undefined, 'c')).types).toEqual(['DagVersionPublished'])
})

it('an advance counts only on the version that it was found on', () => {
  const daily = publish({ cron: '0 0 * * *' }, 'a')
  const step = (version: number): DagCommand => ({ type: 'AdvanceSchedule', version, advance })
  expect(after(daily, step(3)).types).toEqual(['DagScheduleAdvanced'])
  expect(after(daily, step(2)).types).toEqual([])
  expect(after(daily, step(3), step(3)).types).toEqual([])
  expect(after(daily, { type: 'SetDagEnabled', isEnabled: false }, step(3)).types).toEqual([])
  expect(after(step(0)).types).toEqual([])
})
