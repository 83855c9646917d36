import fc from 'fast-check'
import { type PastEnd, type PastTask, rateChanges, replayTask } from '../../src/definitions/sla-replay.js'
import { SlaRule } from '../../src/definitions/sla-rule.js'
import type { JsonObject } from '../../src/domain/json.js'

const at = (text: string) => new Date(`2026-01-01T${text}Z`)
const over = (fact: string, value: number, params?: JsonObject) =>
  ({ fact, operator: 'greaterThan', value, ...(params === undefined ? {} : { params }) }) as const

const RUN = {
  status: 'FAILED',
  createdAt: at('00:00:00'),
  startedAt: at('00:00:10'),
  endedAt: at('00:05:00'),
  logicalDate: null,
}
/** Waited for 10 s, ran for 20 s and failed, waited for 30 s, ran for 2 min. */
const TASK: PastTask = {
  queuedAt: at('00:01:00'),
  endedAt: at('00:03:30'),
  attempts: [
    { dispatchedAt: at('00:00:10'), startedAt: at('00:00:10'), endedAt: at('00:00:30') },
    { dispatchedAt: at('00:01:30'), startedAt: at('00:01:31'), endedAt: at('00:03:30') },
  ],
}

const NOW = at('06:00:00').getTime()

it.each([
  ['a wait', [over('queueWaitSeconds', 20)], '00:01:20.001', { queueWaitSeconds: 20.001 }],
  ['a first attempt', [over('taskDurationSeconds', 10)], '00:00:20.001', { taskDurationSeconds: 10.001 }],
  ['its last attempt', [over('taskDurationSeconds', 20)], '00:01:51.001', { taskDurationSeconds: 20.001 }],
  ['longer than it ran', [over('taskDurationSeconds', 119)], null, null],
  ['longer than it waited', [over('queueWaitSeconds', 30)], null, null],
  [
    'a wait of a late run',
    [over('queueWaitSeconds', 1), over('runDurationSeconds', 60)],
    '00:01:10.001',
    { queueWaitSeconds: 10.001, runDurationSeconds: 60.001 },
  ],
])('of a task that is gone, %s is found where it was', async (_, all, time, facts) => {
  const found = await replayTask(new SlaRule({ all }), TASK, RUN, NOW)
  expect(found).toEqual(time === null ? null : { at: at(time), facts })
})

it('what still waits or runs has done so until now', async () => {
  const rule = new SlaRule({ any: [over('queueWaitSeconds', 60), over('taskDurationSeconds', 60)] })
  const run = { ...RUN, status: 'RUNNING', endedAt: null }
  const waiting: PastTask = { queuedAt: at('00:00:00'), endedAt: null, attempts: [] }
  expect(await replayTask(rule, waiting, run, at('00:01:00').getTime())).toBeNull()
  expect((await replayTask(rule, waiting, run, at('00:02:00').getTime()))?.at).toEqual(at('00:01:00.001'))
  const attempt = { dispatchedAt: at('00:00:30'), startedAt: at('00:00:30'), endedAt: null }
  const running = { ...waiting, attempts: [attempt] }
  expect((await replayTask(rule, running, run, at('00:02:00').getTime()))?.at).toEqual(at('00:01:30.001'))
})

it('a rate is at every change what counting its window says, and stays so until the next', () => {
  const [from, to] = [at('00:10:00'), at('00:30:00')]
  const windows = [60, 300]
  const rule = new SlaRule({
    all: windows.flatMap((windowSeconds) => [
      over('failureRate', 0.5, { windowSeconds }),
      over('endedRuns', 3, { windowSeconds }),
    ]),
  })
  const end = fc.record({
    endedAt: fc
      .integer({ min: 300, max: 1_799 })
      .map((seconds) => new Date(at('00:00:00').getTime() + seconds * 1_000)),
    isFailed: fc.boolean(),
  })
  const counted = (ends: readonly PastEnd[], moment: number) =>
    Object.fromEntries(
      windows.flatMap((seconds) => {
        const inside = ends.filter(({ endedAt }) => {
          const time = endedAt.getTime()
          return time >= moment - seconds * 1_000 && time <= moment
        })
        const failed = inside.filter(({ isFailed }) => isFailed).length
        return [
          [`failureRate ${seconds}`, inside.length === 0 ? 0 : failed / inside.length],
          [`endedRuns ${seconds}`, inside.length],
        ]
      }),
    )
  fc.assert(
    fc.property(fc.array(end, { maxLength: 40 }), (unordered) => {
      const ends = unordered.toSorted((a, b) => a.endedAt.getTime() - b.endedAt.getTime())
      const changes = [...rateChanges(rule, ends, from, to)]
      expect(changes[0]?.at).toEqual(from)
      for (const [n, { at: moment, facts }] of changes.entries()) {
        const last = (changes[n + 1]?.at ?? to).getTime() - 1
        expect(facts).toEqual(counted(ends, moment.getTime()))
        expect(facts).toEqual(counted(ends, last))
      }
    }),
    { numRuns: 50 },
  )
})
