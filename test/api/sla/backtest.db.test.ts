import { drive } from '../../helpers/drive.js'
import { openSlaStage, over, SLOW, type SlaStage } from '../../reactors/sla-stage.js'

let stage: SlaStage
let projectId: string
let dagId: string

beforeAll(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  dagId = await stage.publish(projectId, SLOW)
})
afterAll(() => stage.close())

const day = (time: string) => `2026-01-01T${time}Z`

/** A run of that day, which went on from one time to another; its tasks waited for the first half, and ran in the other. */
async function past(from: string, to: string, status: 'SUCCEEDED' | 'FAILED'): Promise<string> {
  const { database, bus } = stage.services
  const id = await stage.trigger(dagId)
  await drive(bus, () => ({ outcome: status }))
  const [begin, end] = [new Date(day(from)), new Date(day(to))]
  const half = new Date((begin.getTime() + end.getTime()) / 2)
  await database.query('UPDATE run SET created_at = $2, started_at = $2, ended_at = $3 WHERE id = $1', [id, begin, end])
  await database.query(
    'UPDATE instance SET queued_at = $2, ended_at = $3 WHERE run_id = $1 AND queued_at IS NOT NULL',
    [id, begin, end],
  )
  await database.query(
    `UPDATE attempt SET dispatched_at = $2, started_at = $2, ended_at = $3
     FROM instance i WHERE i.id = instance_id AND i.run_id = $1`,
    [id, half, end],
  )
  return id
}

const QUERY = `query ($id: ID!) { slaBacktest(slaId: $id, from: "${day('00:00:00')}", to: "2026-01-02T00:00:00Z") {
  subjectCount breachCount isCutOff breaches { run { id } instance { taskKey run { id } } breachedAt facts } } }`

/** What would have broken it; it is taken away again. */
async function backtest(input: object) {
  const id = await stage.sla({ name: 'asked', actions: [], ...input })
  const { data, errors } = await stage.ask(QUERY, { token: stage.admin, variables: { id } })
  await stage.change('deleteSla', 'DeleteSlaInput', { slaId: id }, '__typename')
  return errors.length > 0 ? errors : data.slaBacktest
}

it('says which runs, tasks and rates would have broken it, and when', async () => {
  const long = await past('10:00:00', '10:01:00', 'SUCCEEDED')
  await past('11:00:00', '11:00:05', 'SUCCEEDED')
  const failed = await past('11:10:00', '11:10:20', 'FAILED')

  expect(await backtest({ dagId, conditions: over('runDurationSeconds', 20) })).toEqual({
    subjectCount: 3,
    breachCount: 1,
    isCutOff: false,
    breaches: [
      { run: { id: long }, instance: null, breachedAt: day('10:00:20.001'), facts: { runDurationSeconds: 20.001 } },
    ],
  })

  const task = (run: string, taskKey: string) => ({ run: { id: run }, instance: { taskKey, run: { id: run } } })
  expect(await backtest({ projectId, conditions: over('queueWaitSeconds', 5) })).toMatchObject({
    subjectCount: 5,
    breachCount: 3,
    breaches: [
      { ...task(failed, 'a'), breachedAt: day('11:10:05.001'), facts: { queueWaitSeconds: 5.001 } },
      { ...task(long, 'b'), breachedAt: day('10:00:05.001') },
      { ...task(long, 'a'), breachedAt: day('10:00:05.001') },
    ],
  })
  expect(await backtest({ dagId, taskKey: 'b', conditions: over('taskDurationSeconds', 10) })).toMatchObject({
    subjectCount: 2,
    breachCount: 1,
    breaches: [{ ...task(long, 'b'), breachedAt: day('10:00:40.001'), facts: { taskDurationSeconds: 10.001 } }],
  })

  // One of the two that ended in a quarter of an hour failed; the other leaves the window first.
  const rate = { ...over('failureRate', 0.4, { windowSeconds: 900 }) }
  expect(await backtest({ dagId, conditions: rate })).toEqual({
    subjectCount: 3,
    breachCount: 1,
    isCutOff: false,
    breaches: [{ run: null, instance: null, breachedAt: day('11:10:20.000'), facts: { 'failureRate 900': 0.5 } }],
  })
  const often = { ...over('endedRuns', 0, { windowSeconds: 600 }) }
  expect(await backtest({ projectId, conditions: often })).toMatchObject({
    subjectCount: 3,
    breachCount: 3,
    breaches: ['11:10:20.000', '11:00:05.000', '10:01:00.000'].map((time) => ({ breachedAt: day(time) })),
  })
  expect(await backtest({ conditions: often })).toMatchObject({ subjectCount: 3, breachCount: 3 })
})

it('is refused, by the name of the fact, where no history is kept', async () => {
  const { queue } = await stage.get('{ queue(name: "default") { id } }')
  expect(await backtest({ queueId: queue.id, conditions: over('queueDepth', 5) })).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('queueDepth'),
      extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    }),
  ])
})
