import { checkSlaActions } from '../../src/definitions/sla-actions.js'
import { checkSlaConditions, type SlaConditions } from '../../src/definitions/sla-conditions.js'
import { deadlineAfter } from '../../src/definitions/sla-facts.js'
import { SlaRule } from '../../src/definitions/sla-rule.js'
import { runFacts } from '../../src/definitions/sla-subject-facts.js'
import type { Json } from '../../src/domain/json.js'

const LONG = { fact: 'runDurationSeconds', operator: 'greaterThan', value: 60 }
const problemsOf = (conditions: Json, scope: Parameters<typeof checkSlaConditions>[1] = 'project') =>
  checkSlaConditions(conditions, scope).problems.map(({ path }) => path.join('.'))

it('sound conditions say what they are about', () => {
  const deadline = { time: '06:30', timezone: 'Europe/Berlin' }
  const late = { fact: 'secondsPastDeadline', operator: 'greaterThan', value: 0, params: deadline }
  expect(checkSlaConditions({ all: [LONG, { not: late }] }, 'dag')).toEqual({ subject: 'RUN', problems: [] })
  const waits = { fact: 'queueWaitSeconds', operator: 'greaterThanInclusive', value: 5 }
  expect(checkSlaConditions({ any: [waits, LONG] }, 'task').subject).toBe('TASK')
})

it.each([
  [{ all: [{ ...LONG, fact: 'runDuration' }] }, ['conditions.all.0.fact']],
  [{ all: [{ ...LONG, fact: 'constructor' }] }, ['conditions.all.0.fact']],
  [{ all: [{ ...LONG, operator: 'contains' }] }, ['conditions.all.0.operator']],
  [{ all: [{ ...LONG, value: '60' }] }, ['conditions.all.0.value']],
  [{ all: [{ ...LONG, value: { fact: 'x' } }] }, ['conditions.all.0.value']],
  [{ all: [{ ...LONG, path: '$.x' }] }, ['conditions.all.0.path']],
  [{ all: [{ fact: 'runStatus', operator: 'in', value: ['FAILED', 'LOST'] }] }, ['conditions.all.0.value']],
  [{ all: [{ fact: 'failureRate', operator: 'greaterThan', value: 0.5 }] }, ['conditions.all.0.params.windowSeconds']],
  [{ all: [LONG, { fact: 'queueDepth', operator: 'greaterThan', value: 1 }] }, ['conditions.all.1.fact']],
  [{ all: [] }, ['conditions.all']],
  [{ all: [LONG], any: [LONG] }, ['conditions']],
  [{ condition: 'named' }, ['conditions']],
  [LONG, ['conditions']],
])('%j is refused where it is wrong', (conditions, paths) => {
  expect(problemsOf(conditions)).toEqual(paths)
})

it('a scope takes only what it can see', () => {
  expect(problemsOf({ all: [LONG] }, 'queue')).toEqual(['conditions.all.0.fact'])
  expect(problemsOf({ all: [{ fact: 'poolCpuUsage', operator: 'greaterThan', value: 0.9 }] }, 'pool')).toEqual([])
})

it('everything that is wrong with actions is said at once', () => {
  const given = [
    { type: 'webhook', url: 'ftp://a' },
    { type: 'email', to: ['nobody'] },
    { type: 'explode' },
    { type: 'cancelRun', extra: 1 },
  ]
  const checked = checkSlaActions(given, 'project', 'RUN')
  const paths = 'problems' in checked ? checked.problems.map(({ path }) => path.join('.')) : []
  expect(paths).toEqual(['actions.0.url', 'actions.1.to.0', 'actions.2.type', 'actions.3'])
})

it('what needs a run needs conditions over runs; defaults are filled in', () => {
  expect('problems' in checkSlaActions([{ type: 'cancelRun' }], 'queue', 'QUEUE')).toBe(true)
  expect(checkSlaActions([{ type: 'retry' }], 'dag', 'RUN')).toEqual({ actions: [{ type: 'retry', maxReruns: 1 }] })
})

it('conditions hold or not, over the facts by their names', async () => {
  const rule = new SlaRule({ all: [LONG, { not: { fact: 'runStatus', operator: 'equal', value: 'PAUSED' } }] })
  expect(await rule.holds({ runDurationSeconds: 61, runStatus: 'RUNNING' })).toBe(true)
  expect(await rule.holds({ runDurationSeconds: 60, runStatus: 'RUNNING' })).toBe(false)
  expect(await rule.holds({ runDurationSeconds: 61, runStatus: 'PAUSED' })).toBe(false)
})

it('the bounds leave out nothing that could break it', () => {
  const least = (fact: string, value: number) => ({ fact, operator: 'greaterThanInclusive', value })
  const bounds = (conditions: SlaConditions) => Object.fromEntries(new SlaRule(conditions).bounds)
  expect(bounds({ all: [least('runDurationSeconds', 5), least('runDurationSeconds', 9)] })).toEqual({
    runDurationSeconds: 9,
  })
  expect(bounds({ any: [least('runDurationSeconds', 5), least('runDurationSeconds', 9)] })).toEqual({
    runDurationSeconds: 5,
  })
  expect(bounds({ any: [least('runDurationSeconds', 5), least('sinceScheduledSeconds', 9)] })).toEqual({})
  expect(bounds({ not: least('runDurationSeconds', 5) })).toEqual({})
  expect(bounds({ all: [{ fact: 'runDurationSeconds', operator: 'lessThan', value: 5 }] })).toEqual({})
})

it.each([
  // In summer Berlin is two hours ahead of UTC.
  ['2026-07-01T00:00:00Z', '06:30', '2026-07-01T04:30:00.000Z'],
  ['2026-07-01T05:00:00Z', '06:30', '2026-07-02T04:30:00.000Z'],
  ['2026-07-01T04:30:00Z', '06:30', '2026-07-01T04:30:00.000Z'],
  ['2026-12-31T22:59:00Z', '00:00', '2026-12-31T23:00:00.000Z'],
  // The night in which the clocks go forward: from 02:00 to 03:00.
  ['2026-03-28T23:30:00Z', '06:30', '2026-03-29T04:30:00.000Z'],
  // And back: from 03:00 to 02:00.
  ['2026-10-24T23:30:00Z', '06:30', '2026-10-25T05:30:00.000Z'],
])('from %s on, %s in Berlin comes at %s', (from, time, at) => {
  expect(new Date(deadlineAfter(Date.parse(from), time, 'Europe/Berlin')).toISOString()).toBe(at)
})

it('the facts of an ended run stand still', () => {
  const at = (text: string) => new Date(`2026-01-01T${text}Z`)
  const run = {
    status: 'FAILED',
    createdAt: at('00:00:00'),
    startedAt: at('00:00:10'),
    endedAt: at('00:01:00'),
    logicalDate: null,
  }
  const { comparisons } = new SlaRule({
    any: [LONG, { ...LONG, fact: 'sinceScheduledSeconds' }, { fact: 'runStatus', operator: 'equal', value: 'FAILED' }],
  })
  const facts = { runDurationSeconds: 50, sinceScheduledSeconds: 60, runStatus: 'FAILED' }
  expect(runFacts(run, at('05:00:00').getTime(), comparisons)).toEqual(facts)
})
