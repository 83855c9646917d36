import { assertNever } from '../assert-never.js'
import type { DagVersionId, ProjectId, RunId } from '../ids.js'
import { type Decision, refuse } from '../rejection.js'
import { isSame } from '../same.js'
import { type Schedule, scheduleOf } from '../schedule/schedule.js'
import type { DagDefinition } from './definition.js'

/** One stream per DAG. A version is immutable; publishing the text that is published already makes none. */
export type DagEvent =
  | { readonly type: 'DagCreated'; readonly data: { readonly projectId: ProjectId; readonly name: string } }
  | { readonly type: 'DagVersionPublished'; readonly data: DagVersionPublished }
  | { readonly type: 'DagEnabled'; readonly data: Record<string, never> }
  | { readonly type: 'DagDisabled'; readonly data: Record<string, never> }
  | { readonly type: 'DagDeleted'; readonly data: Record<string, never> }
  /** A version that says something else about it than the one before was published; null: it has none any more. */
  | { readonly type: 'DagScheduleChanged'; readonly data: { readonly schedule: Schedule | null } }
  | { readonly type: 'DagScheduleAdvanced'; readonly data: ScheduleAdvance }

export interface DagVersionPublished {
  readonly dagVersionId: DagVersionId
  readonly number: number
  /** The text as it was given. */
  readonly source: string
  readonly definition: DagDefinition
  /** The keys of its tasks in the file's order: the journal keeps objects in canonical form, without an order. */
  readonly taskKeys: readonly string[]
  /** SHA-256 of the source, hex. */
  readonly checksum: string
}

/** What became of the times of a schedule, up to one of them. All times are RFC 3339. */
export interface ScheduleAdvance {
  /** Every time up to here is dealt with. */
  readonly through: string
  /** When there is something to do again; null: never. */
  readonly nextAt: string | null
  readonly fired: readonly { readonly at: string; readonly runId: RunId }[]
  /** Not fired, as runs were in the way. */
  readonly skipped: readonly string[]
  /** Not fired, as too many runs waited already. */
  readonly dropped: readonly string[]
  /** How many were too late to be made up for. */
  readonly missed: number
}

export type DagCommand =
  | PublishDag
  | { readonly type: 'SetDagEnabled'; readonly isEnabled: boolean }
  | AdvanceSchedule
  | { readonly type: 'DeleteDag' }

/** Found on a DAG as it was at that version of its stream: if it has moved on, it is to be found again. */
export interface AdvanceSchedule {
  readonly type: 'AdvanceSchedule'
  readonly version: number
  readonly advance: ScheduleAdvance
}

export interface PublishDag extends Omit<DagVersionPublished, 'number' | 'taskKeys'> {
  readonly type: 'PublishDag'
  readonly projectId: ProjectId
  /** The number that the caller took for the latest (0: none yet); null: whatever it is. */
  readonly expectedVersion: number | null
}

export type DagState =
  | { readonly status: 'NONE' }
  | {
      readonly status: 'PRESENT'
      /** Of its stream. */
      readonly version: number
      readonly projectId: ProjectId
      readonly isEnabled: boolean
      readonly number: number
      readonly checksum: string
      readonly schedule: Schedule | null
    }
  /** What it was stays readable; its name is another's to take. */
  | { readonly status: 'DELETED' }

export const NO_DAG: DagState = { status: 'NONE' }

export function decideDag(command: DagCommand, state: DagState): Decision<DagEvent> {
  switch (command.type) {
    case 'PublishDag':
      return publish(command, state)
    case 'SetDagEnabled':
      if (state.status === 'NONE') return refuse('NOT_FOUND', 'The DAG does not exist', ['dagId'])
      if (state.status === 'DELETED') return refuse('NOT_ALLOWED_IN_STATE', 'The DAG is deleted', ['dagId'])
      if (state.isEnabled === command.isEnabled) return []
      return [{ type: command.isEnabled ? 'DagEnabled' : 'DagDisabled', data: {} }]
    case 'DeleteDag':
      if (state.status === 'NONE') return refuse('NOT_FOUND', 'The DAG does not exist', ['dagId'])
      return state.status === 'DELETED' ? [] : [{ type: 'DagDeleted', data: {} }]
    case 'AdvanceSchedule':
      if (state.status !== 'PRESENT' || state.version !== command.version) return []
      return [{ type: 'DagScheduleAdvanced', data: command.advance }]
    default:
      return assertNever(command)
  }
}

function publish(command: PublishDag, state: DagState): Decision<DagEvent> {
  const { type: _, projectId, expectedVersion, ...version } = command
  // Deleted since its name led here: who publishes again makes another DAG of that name.
  if (state.status === 'DELETED') return refuse('CONFLICT', 'The DAG was deleted meanwhile', ['source'])
  const latest = state.status === 'NONE' ? 0 : state.number
  if (expectedVersion !== null && expectedVersion !== latest) {
    return refuse('CONFLICT', `The latest version is ${latest}, given ${expectedVersion}`, ['expectedVersion'])
  }
  if (state.status === 'PRESENT' && state.checksum === command.checksum) return []
  const taskKeys = Object.keys(command.definition.tasks)
  const published: DagEvent = { type: 'DagVersionPublished', data: { ...version, taskKeys, number: latest + 1 } }
  const schedule = scheduleOf(command.definition.schedule)
  const isUnchanged = isSame(schedule, state.status === 'NONE' ? null : state.schedule)
  const changed: DagEvent[] = isUnchanged ? [] : [{ type: 'DagScheduleChanged', data: { schedule } }]
  if (state.status === 'PRESENT') return [published, ...changed]
  return [{ type: 'DagCreated', data: { projectId, name: command.definition.name } }, published, ...changed]
}

export function evolveDag(state: DagState, event: DagEvent): DagState {
  if (event.type === 'DagCreated') {
    const { projectId } = event.data
    return { status: 'PRESENT', version: 1, projectId, isEnabled: true, number: 0, checksum: '', schedule: null }
  }
  if (state.status === 'NONE') throw new Error(`${event.type} cannot be a DAG's first event`)
  if (state.status === 'DELETED') throw new Error(`${event.type} cannot follow on a DAG's end`)
  const version = state.version + 1
  switch (event.type) {
    case 'DagVersionPublished':
      return { ...state, version, number: event.data.number, checksum: event.data.checksum }
    case 'DagEnabled':
      return { ...state, version, isEnabled: true }
    case 'DagDisabled':
      return { ...state, version, isEnabled: false }
    case 'DagDeleted':
      return { status: 'DELETED' }
    case 'DagScheduleChanged':
      return { ...state, version, schedule: event.data.schedule }
    case 'DagScheduleAdvanced':
      return { ...state, version }
    default:
      return assertNever(event)
  }
}
