import type { InstanceId, NodeId } from '../../../src/domain/ids.js'
import { isRefused } from '../../../src/domain/rejection.js'
import type { AttemptOutcome, RunCommand } from '../../../src/domain/run/commands.js'
import { decide } from '../../../src/domain/run/decide.js'
import type { RunEvent } from '../../../src/domain/run/events.js'
import { evolve } from '../../../src/domain/run/evolve.js'
import { NO_RUN, type RunState } from '../../../src/domain/run/state.js'
import { INSTANCE_ENDS, type InstanceEnd } from '../../../src/domain/run/status.js'
import { DISPATCHER_TABLE, ENDED_TABLE, OPERATOR_TABLE, parseTable, RUN_TABLE } from './every-pair-table.js'
import { attempt, dag, ended, evaluateNothing, NODE, REQUEST, RunSpec, request, type Step, step } from './run-spec.js'

/** `it` is the instance in question; `keeper` is DISPATCHED and keeps the run from ending. */
const PLAN = dag({ keeper: [], before: [], it: { needs: ['before'], retry: { maxAttempts: 2, delay: 1 } } })
const OF_ELEMENTS = 'RUNNING (of elements)'
const PLAN_OF_ELEMENTS = dag({ keeper: [], before: [], it: { needs: ['before'], forEach: ['a', 'b'] } })
const CONTEXT = { now: 0, random: 0, evaluate: evaluateNothing }
const before = [step.dispatch('keeper'), ...attempt('before', 'SUCCEEDED')]
const dispatched = [...before, step.dispatch('it')]
const running = [...dispatched, step.started('it')]

const WAYS: { readonly [status: string]: readonly Step[] } = {
  PENDING: [step.dispatch('keeper')],
  QUEUED: before,
  RETRY_WAIT: [...running, ended('it', 'FAILED')],
  DISPATCHED: dispatched,
  RUNNING: running,
  'CANCELING (was DISPATCHED)': [...dispatched, step.cancel('it')],
  'CANCELING (was RUNNING)': [...running, step.cancel('it')],
  'CANCELING (forced)': [...running, step.force('it', 'SKIPPED')],
  'UNKNOWN (was DISPATCHED)': [...dispatched, step.lost('it')],
  'UNKNOWN (was RUNNING)': [...running, step.lost('it')],
  'UNKNOWN (canceling)': [...running, step.cancel('it'), step.lost('it')],
  'UNKNOWN (forced)': [...running, step.force('it', 'SKIPPED'), step.lost('it')],
  [OF_ELEMENTS]: before,
}

const STATUSES = [...Object.keys(WAYS), ...INSTANCE_ENDS]

interface Given {
  readonly state: RunState
  /** Of the last attempt of `it`. */
  readonly fence: number
}

function instanceIs(status: string, ...after: readonly Step[]): Given {
  const reused = (end: InstanceEnd) => ({
    task: 'it',
    from: 'i' as InstanceId,
    status: end,
    exitCode: null,
    output: null,
  })
  const way = WAYS[status]
  const plan = status === OF_ELEMENTS ? PLAN_OF_ELEMENTS : PLAN
  const spec = RunSpec.of(request(plan, way === undefined ? [reused(status as InstanceEnd)] : []))
  let fence = 0
  for (const each of [...(way ?? [step.dispatch('keeper')]), ...after]) fence = spec.and(each).fence('it') || fence
  if (way !== undefined && after.length === 0) expect(spec.status('it')).toBe(status.split(' ')[0])
  return { state: spec.state, fence }
}

function commands(fence: number): { readonly [column: string]: RunCommand } {
  const it = { task: 'it', fence }
  return {
    CancelRun: step.cancelRun,
    TimeOutRun: step.timeOut,
    CancelInstance: { type: 'CancelInstance', task: 'it', reason: null },
    RetryInstance: { type: 'RetryInstance', task: 'it' },
    ForceInstance: { type: 'ForceInstance', task: 'it', status: 'SKIPPED', reason: 'why not' },
    TimeOutInstance: { type: 'TimeOutInstance', task: 'it', attempt: 1 },
    DispatchInstance: { type: 'DispatchInstance', task: 'it', node: NODE, machineId: null },
    ReportStarted: { type: 'ReportStarted', ...it, pid: 7 },
    ReportContactLost: { type: 'ReportContactLost', ...it, reason: 'cut off' },
    ReattachInstance: { type: 'ReattachInstance', ...it, node: NODE },
    'ReattachInstance (other node)': { type: 'ReattachInstance', ...it, node: 'node_2' as NodeId },
    ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, { ...ended('it', outcome), fence } as RunCommand])),
  }
}

const OUTCOMES: AttemptOutcome[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED', 'NOT_STARTED', 'LOST', 'ERRORED']

function answer(command: RunCommand, state: RunState, counts: (event: RunEvent) => boolean = () => true): string {
  const decision = decide(command, state, CONTEXT)
  if (isRefused(decision)) return decision.rejections[0]?.code.replace('NOT_ALLOWED_IN_STATE', 'no') as string
  const types = decision.filter(counts).map(({ type }) => type.replace(/^Instance/, ''))
  return types.join(' ') || '-'
}

const isAboutIt = (event: RunEvent) => 'task' in event.data && event.data.task === 'it'

/** The three tables of a RUNNING run as one: status -> command -> answer. */
function tableOfRunning(): Map<string, Map<string, string>> {
  const [operators, dispatchers, ends] = [OPERATOR_TABLE, DISPATCHER_TABLE, ENDED_TABLE].map(parseTable)
  return new Map(
    STATUSES.map((status) => {
      const { '+': signs = '', ...byOutcome } = Object.fromEntries(ends?.get(status) ?? [])
      const outcomes = Object.entries(byOutcome).map(([outcome, cell]): [string, string] => {
        return [outcome, cell.replace('+', signs).replace(/^- (?=.)/, '')]
      })
      return [status, new Map([...(operators?.get(status) ?? []), ...(dispatchers?.get(status) ?? []), ...outcomes])]
    }),
  )
}

const EXPECTED = tableOfRunning()
const COLUMNS = Object.keys(commands(0))

function answers({ state, fence }: Given): Map<string, string> {
  return new Map(Object.entries(commands(fence)).map(([name, command]) => [name, answer(command, state, isAboutIt)]))
}

function expectedWith(status: string, differences: { readonly [command: string]: string } = {}): Map<string, string> {
  return new Map([...(EXPECTED.get(status) as Map<string, string>), ...Object.entries(differences)])
}

it('the tables have a cell for every instance status and command', () => {
  expect([...EXPECTED.keys()]).toEqual(STATUSES)
  for (const row of EXPECTED.values()) expect([...row.keys()]).toEqual(COLUMNS)
})

describe.each(STATUSES)('an instance that is %s', (status) => {
  it('in a RUNNING run', () => {
    expect(answers(instanceIs(status))).toEqual(expectedWith(status))
  })

  it('in a PAUSED run is answered the same, but not dispatched', () => {
    expect(answers(instanceIs(status, step.pause))).toEqual(expectedWith(status, { DispatchInstance: '-' }))
  })
})

it('an instance of a run that is QUEUED is answered as one that is PENDING', () => {
  const state = evolve(NO_RUN, { type: 'RunRequested', data: REQUEST }, PLAN)
  expect(answers({ state, fence: 0 })).toEqual(expectedWith('PENDING'))
})

describe.each([
  ['cancel', step.cancelRun],
  ['timeout', step.timeOut],
] as const)('in a run that is CANCELING (%s)', (_, stop) => {
  const nothingMore = { CancelRun: '-', TimeOutRun: '-' }

  it.each([
    ['PENDING', 'CANCELED'],
    ['QUEUED', 'CANCELED'],
    ['RETRY_WAIT', 'CANCELED'],
    ['DISPATCHED', 'CANCELING (was DISPATCHED)'],
    ['RUNNING', 'CANCELING (was RUNNING)'],
    ['CANCELING (was DISPATCHED)', 'CANCELING (was DISPATCHED)'],
    ['CANCELING (was RUNNING)', 'CANCELING (was RUNNING)'],
    ['CANCELING (forced)', 'CANCELING (forced)'],
    ['UNKNOWN (was RUNNING)', 'UNKNOWN (canceling)'],
    ['UNKNOWN (canceling)', 'UNKNOWN (canceling)'],
    ['UNKNOWN (forced)', 'UNKNOWN (forced)'],
    ...INSTANCE_ENDS.map((end) => [end, end]),
  ] as [string, string][])('one that was %s is answered as one that is %s', (was, is) => {
    expect(answers(instanceIs(was, stop))).toEqual(expectedWith(is, nothingMore))
  })

  it('one that was UNKNOWN before it started is answered with its start, too', () => {
    const given = answers(instanceIs('UNKNOWN (was DISPATCHED)', stop))
    const started = [...expectedWith('UNKNOWN (canceling)', nothingMore)].map(([name, cell]): [string, string] => {
      return [name, /^Reattached/.test(cell) && !name.startsWith('Reattach') ? cell.replace('ed', 'ed Started') : cell]
    })
    expect(given).toEqual(new Map(started))
  })
})

const keeperRuns = () => RunSpec.given(dag({ it: [] }), step.dispatch('it'))
const RUNS: { readonly [status: string]: () => RunState } = {
  NONE: () => NO_RUN,
  QUEUED: () => evolve(NO_RUN, { type: 'RunRequested', data: REQUEST }, dag({ it: [] })),
  RUNNING: () => keeperRuns().state,
  PAUSED: () => keeperRuns().and(step.pause).state,
  'CANCELING (cancel)': () => keeperRuns().and(step.cancelRun).state,
  'CANCELING (timeout)': () => keeperRuns().and(step.timeOut).state,
  SUCCEEDED: () => keeperRuns().and(ended('it', 'SUCCEEDED')).state,
  FAILED: () => keeperRuns().and(ended('it', 'FAILED')).state,
  CANCELED: () => keeperRuns().and(step.cancelRun, ended('it', 'STOPPED')).state,
  TIMED_OUT: () => keeperRuns().and(step.timeOut, ended('it', 'STOPPED')).state,
}

describe.each([...parseTable(RUN_TABLE)])('a run that is %s', (status, row) => {
  const state = (RUNS[status] as () => RunState)()

  it('is what it says', () => {
    expect(state.status).toBe(status.split(' ')[0])
  })

  it.each([...row])('answers %s with %s', (name, cell) => {
    const requested = { ...request(dag({ it: [] })) }
    const given = { type: name, reason: null, priority: 7, by: 7 } as RunCommand
    const command = name === 'RequestRun' ? requested : given
    expect(answer(command, state)).toBe(cell.replace('*', 'RunRequested RunStarted'))
  })

  if ('instances' in state) return

  it.each(COLUMNS.slice(2))('has no instance any more, or yet, for %s', (name) => {
    const isReport = !['CancelInstance', 'RetryInstance', 'ForceInstance'].includes(name)
    const expected = status === 'NONE' ? 'NOT_FOUND' : isReport ? '-' : 'no'
    expect(answer(commands(4)[name] as RunCommand, state)).toBe(expected)
  })
})

it.each(Object.keys(RUNS))('a task that a run which is %s does not have is refused, or a late report', (status) => {
  for (const [name, command] of Object.entries(commands(4)).slice(2)) {
    const given = answer({ ...command, task: 'nobody' } as RunCommand, (RUNS[status] as () => RunState)())
    expect([name, given]).toEqual([name, expect.stringMatching(/^(-|no|NOT_FOUND)$/)])
  }
})
