import type { DagDefinition, TaskDefinition } from '../../../src/domain/dag/definition.js'
import { type Plan, planOf } from '../../../src/domain/dag/plan.js'
import type { NodeId, ProjectId, RunId } from '../../../src/domain/ids.js'
import type { RejectionCode } from '../../../src/domain/rejection.js'
import type {
  AttemptOutcome,
  DecisionContext,
  ReportEnded,
  RequestRun,
  ReusedInstance,
  RunCommand,
} from '../../../src/domain/run/commands.js'
import type { RunEvent, RunRequested } from '../../../src/domain/run/events.js'
import { type Executed, execute } from '../../../src/domain/run/execute.js'
import { type InstanceState, isLive, isOpen, NO_RUN, type RunState, statusOf } from '../../../src/domain/run/state.js'

export const NODE = 'node_1' as NodeId

export const REQUEST: RunRequested = {
  kind: 'DAG',
  name: 'nightly',
  projectId: 'project_1' as ProjectId,
  dagId: null,
  dagVersionId: null,
  plan: null,
  trigger: 'MANUAL',
  parameters: {},
  logicalDate: null,
  tags: [],
  priority: 0,
  parentRunId: null,
  rootRunId: 'run_1' as RunId,
  rerunScope: null,
}

/** The plan of tasks that do nothing; a task may be given as the list of what it needs. */
export function dag(
  tasks: { readonly [key: string]: TaskDefinition | readonly string[] },
  settings: Partial<DagDefinition> = {},
): Plan {
  const entries = Object.entries(tasks).map(([key, task]) => [key, 'length' in task ? { needs: task } : task])
  const withEngine = entries.map(([key, task]) => [key, { noop: {}, ...(task as TaskDefinition) }])
  return planOf({ name: 'nightly', ...settings, tasks: Object.fromEntries(withEngine) })
}

export function request(plan: Plan, reused: readonly ReusedInstance[] = []): RequestRun {
  return { type: 'RequestRun', request: REQUEST, plan, reused }
}

/** What a dispatcher says at the end of the present attempt; the fence is filled in by the specification. */
export type Report = Omit<ReportEnded, 'fence'> & { readonly fence?: number }

export function ended(
  task: string,
  outcome: AttemptOutcome,
  more: Partial<Report> & { exitCode?: number } = {},
): Report {
  const { exitCode = null, ...rest } = more
  const result = { exitCode, errorMessage: null, cpuSeconds: null }
  return { type: 'ReportEnded', task, outcome, result, output: null, ...rest }
}

/** A command, or a report without its fence: then it is that of the task's present attempt. */
export type Step =
  | RunCommand
  | Report
  | { type: 'ReportStarted' | 'ReportContactLost' | 'ReattachInstance'; task: string }

export const step = {
  cancelRun: { type: 'CancelRun', reason: 'enough' },
  timeOut: { type: 'TimeOutRun' },
  pause: { type: 'PauseRun' },
  resume: { type: 'ResumeRun' },
  setPriority: (priority: number): Step => ({ type: 'SetRunPriority', priority, reason: null }),
  raise: (by: number): Step => ({ type: 'RaiseRunPriority', by, reason: 'late' }),
  cancel: (task: string): Step => ({ type: 'CancelInstance', task, reason: 'enough' }),
  retry: (task: string): Step => ({ type: 'RetryInstance', task }),
  force: (task: string, status: 'SUCCEEDED' | 'FAILED' | 'SKIPPED' | 'CANCELED'): Step => {
    return { type: 'ForceInstance', task, status, reason: 'I know better' }
  },
  dispatch: (task: string, node = NODE): Step => ({ type: 'DispatchInstance', task, node, machineId: null }),
  started: (task: string): Step => ({ type: 'ReportStarted', task }),
  lost: (task: string): Step => ({ type: 'ReportContactLost', task }),
  reattach: (task: string): Step => ({ type: 'ReattachInstance', task }),
  ended,
} as const

/** Dispatches, starts and ends the present attempt. */
export function attempt(task: string, outcome: AttemptOutcome, more: Parameters<typeof ended>[2] = {}): Step[] {
  return [step.dispatch(task), step.started(task), ended(task, outcome, more)]
}

export const evaluateNothing: DecisionContext['evaluate'] = (expression) => {
  throw new Error(`nobody expected ${expression}`)
}

/** Given a plan and what was done so far, when one more thing is done, then exactly this follows. */
export class RunSpec {
  state: RunState = NO_RUN
  private random = 0
  private evaluate: DecisionContext['evaluate'] = evaluateNothing

  static given(plan: Plan, ...steps: readonly Step[]): RunSpec {
    return RunSpec.of(request(plan), ...steps)
  }

  static of(command: RequestRun, ...steps: readonly Step[]): RunSpec {
    return new RunSpec().and(command, ...steps)
  }

  static nothing(): RunSpec {
    return new RunSpec()
  }

  withRandom(random: number): this {
    this.random = random
    return this
  }

  withEvaluator(evaluate: DecisionContext['evaluate']): this {
    this.evaluate = evaluate
    return this
  }

  /** More of the past; throws where it is refused. */
  and(...steps: readonly Step[]): this {
    for (const each of steps) {
      const result = this.execute(each)
      if ('rejections' in result) throw new Error(`${each.type} was refused: ${result.rejections[0]?.message}`)
      this.state = result.state
    }
    return this
  }

  when(command: Step): Then {
    const result = this.execute(command)
    if (!('rejections' in result)) this.state = result.state
    return new Then(this, result)
  }

  /** The status that the API shows. */
  status(task: string): string {
    return statusOf(this.instance(task))
  }

  /** The version of the present attempt's InstanceDispatched, 0 if there is none. */
  fence(task: string): number {
    if (!isOpen(this.state) || !this.state.ordinals.has(task)) return 0
    const instance = this.instance(task)
    return isLive(instance) ? instance.fence : 0
  }

  private instance(task: string): InstanceState {
    if (!isOpen(this.state)) throw new Error(`The run is ${this.state.status}`)
    return this.state.instances[this.state.ordinals.get(task) as number] as InstanceState
  }

  private execute(given: Step): ReturnType<typeof execute> {
    const fenced = 'task' in given ? { fence: this.fence(given.task), ...given } : given
    const command = { pid: 7, node: NODE, reason: 'cut off', ...fenced } as RunCommand
    return execute(command, this.state, { now: 0, random: this.random, evaluate: this.evaluate })
  }
}

/** An event by its type alone, with its task, or with some of its data. */
export type Expected = string | readonly [type: string, data: string | { readonly [key: string]: unknown }]

class Then {
  constructor(
    private readonly spec: RunSpec,
    private readonly result: ReturnType<typeof execute>,
  ) {}

  /** These events in this order and no others; of the data only what is named is compared. */
  follows(...expected: readonly Expected[]): RunSpec {
    const { events } = this.executed()
    expect(events.map((event, at) => shownLike(event, expected[at]))).toEqual(expected)
    return this.spec
  }

  staysQuiet(): RunSpec {
    return this.follows()
  }

  saysNo(code: RejectionCode, message?: string | RegExp): RunSpec {
    if (!('rejections' in this.result)) {
      throw new Error(`Expected ${code}, given ${this.result.events.map((event) => event.type).join(' ') || 'nothing'}`)
    }
    expect(this.result.rejections.map((rejection) => rejection.code)).toEqual([code])
    if (message !== undefined) expect(this.result.rejections[0]?.message).toMatch(message)
    return this.spec
  }

  private executed(): Executed {
    if (!('rejections' in this.result)) return this.result
    throw new Error(`Expected events, given ${this.result.rejections[0]?.code}: ${this.result.rejections[0]?.message}`)
  }
}

function shownLike(event: RunEvent, expected: Expected | undefined): unknown {
  const data: { readonly [key: string]: unknown } = event.data as never
  if (expected === undefined) return 'task' in data ? [event.type, data.task] : event.type
  if (typeof expected === 'string') return event.type
  if (typeof expected[1] === 'string') return [event.type, data.task]
  return [event.type, Object.fromEntries(Object.keys(expected[1]).map((key) => [key, data[key]]))]
}
