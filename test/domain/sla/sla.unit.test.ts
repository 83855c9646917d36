import type { RunId, SlaBreachId } from '../../../src/domain/ids.js'
import { isRefused } from '../../../src/domain/rejection.js'
import { decideSla, evolveSla, NO_SLA, type SlaCommand, type SlaState } from '../../../src/domain/sla/sla.js'
import { checkEventSchemas } from '../../golden/check-event-schemas.js'

const RULES = { conditions: { all: [] }, actions: [], priority: 0 }
const NOWHERE = { projectId: null, dagId: null, taskKey: null, queueId: null, poolId: null }
const CREATE: SlaCommand = { type: 'CreateSla', name: 'late', ...NOWHERE, ...RULES }
const breach = (subjectId: string, id: string): SlaCommand => ({
  type: 'BreachSla',
  breachId: id as SlaBreachId,
  subjectId,
  runId: subjectId as RunId,
  instanceId: null,
  facts: { runDurationSeconds: 61 },
})
const resolve = (subjectId: string, id: string): SlaCommand => ({
  type: 'ResolveSla',
  subjectId,
  breachId: id as SlaBreachId,
})

/** What each command leads to in turn: event types, or the refusal's code and path. The events obey their schemas. */
function after(...commands: SlaCommand[]): { state: SlaState; answers: string[][] } {
  let state = NO_SLA
  const answers = commands.map((command) => {
    const decision = decideSla(command, state)
    if (isRefused(decision)) return decision.rejections.map(({ code, path }) => `${code} ${path.join('.')}`)
    checkEventSchemas(decision)
    state = decision.reduce(evolveSla, state)
    return decision.map(({ type }) => type)
  })
  return { state, answers }
}

it('a subject breaks it once, until that is resolved, and then again', () => {
  const { answers } = after(
    CREATE,
    breach('run_a', 'b1'),
    breach('run_a', 'b2'),
    breach('run_b', 'b3'),
    resolve('run_a', 'b1'),
    resolve('run_a', 'b1'),
    breach('run_a', 'b4'),
  )
  expect(answers.slice(1)).toEqual([['SlaBreached'], [], ['SlaBreached'], ['SlaResolved'], [], ['SlaBreached']])
})

it('one that is disabled has no open breaches and breaks no more; enabled, it does', () => {
  const update = (isEnabled: boolean): SlaCommand => ({ type: 'UpdateSla', settings: { isEnabled } })
  const { answers } = after(
    CREATE,
    breach('run_a', 'b1'),
    update(false),
    breach('run_a', 'b2'),
    update(true),
    breach('run_a', 'b3'),
  )
  expect(answers.slice(2)).toEqual([['SlaResolved', 'SlaSettingsChanged'], [], ['SlaSettingsChanged'], ['SlaBreached']])
})

it('a deleted one resolves what is open, and is no more', () => {
  const remove: SlaCommand = { type: 'DeleteSla' }
  const update: SlaCommand = { type: 'UpdateSla', settings: { priority: 1 } }
  const { answers, state } = after(CREATE, breach('run_a', 'b1'), remove, remove, breach('run_b', 'b2'), update)
  expect(answers.slice(2)).toEqual([['SlaResolved', 'SlaDeleted'], [], [], ['NOT_ALLOWED_IN_STATE ']])
  expect(state).toEqual({ status: 'DELETED' })
})

it('what is wrong is said at once, and what changes nothing is no event', () => {
  expect(after({ ...CREATE, name: '1', priority: 101 }).answers).toEqual([['INVALID name', 'INVALID priority']])
  expect(after(CREATE, { type: 'UpdateSla', settings: { priority: 0 } }).answers[1]).toEqual([])
})
