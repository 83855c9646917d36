import { decideBackfill, evolveBackfill, NO_BACKFILL } from '../domain/backfill/backfill.js'
import { type DagState, decideDag, evolveDag, NO_DAG } from '../domain/dag/dag.js'
import type { Plan } from '../domain/dag/plan.js'
import { decideMachine, evolveMachine, NO_MACHINE } from '../domain/machine/machine.js'
import { decidePool, evolvePool, NO_POOL } from '../domain/pool/pool.js'
import { decideProject, evolveProject, NO_PROJECT } from '../domain/project/project.js'
import { decideQueue, evolveQueue, NO_QUEUE } from '../domain/queue/queue.js'
import { type Decision, isRefused, type Refused } from '../domain/rejection.js'
import type { DecisionContext, RunCommand } from '../domain/run/commands.js'
import type { RunEvent, RunRequested } from '../domain/run/events.js'
import { evolve } from '../domain/run/evolve.js'
import { execute } from '../domain/run/execute.js'
import { NO_RUN, type RunState } from '../domain/run/state.js'
import { decideSla, evolveSla, NO_SLA } from '../domain/sla/sla.js'
import { decideTemplate, evolveTemplate, NO_TEMPLATE } from '../domain/template/template.js'
import { decideUser, evolveUser, NO_USER } from '../domain/user/user.js'
import type { EventScope } from '../history/event.js'
import { instanceIds, ordinalsOf } from '../projections/run/run-facts.js'
import type { Command } from './command.js'

export interface DomainEvent {
  readonly type: string
  readonly data: unknown
}

/** A stream's state, and what its events belong to, as far as that is known from its first event. */
export interface Loaded {
  readonly state: unknown
  readonly scope: StreamScope
}

export interface StreamScope {
  readonly projectId: string | null
  readonly dagId: string | null
  /** The id of a run's instance by its task; null where the stream has no instances. */
  readonly instanceId: ((task: string) => string) | null
}

const NO_SCOPE: StreamScope = { projectId: null, dagId: null, instanceId: null }

/** How `commands` works with one kind of stream. */
export interface Aggregate {
  readonly initial: unknown
  execute(
    command: unknown,
    loaded: Loaded,
    context: DecisionContext,
  ): { state: unknown; events: readonly DomainEvent[] } | Refused
  evolve(state: unknown, event: DomainEvent, plan: Plan | null): unknown
  /** What the stream's events belong to, once its first event is there. */
  scopeOf(streamId: string, first: DomainEvent, plan: Plan | null): StreamScope
}

/** An aggregate whose events follow from one decision. */
function simple<State, Cmd, Event extends DomainEvent>(
  initial: State,
  decide: (command: Cmd, state: State) => Decision<Event>,
  evolveOne: (state: State, event: Event) => State,
  scopeOf: (streamId: string, first: DomainEvent) => StreamScope = () => NO_SCOPE,
): Aggregate {
  return {
    initial,
    execute(command, loaded) {
      const decision = decide(command as Cmd, loaded.state as State)
      if (isRefused(decision)) return decision
      return { events: decision, state: decision.reduce(evolveOne, loaded.state as State) }
    },
    evolve: (state, event) => evolveOne(state as State, event as Event),
    scopeOf,
  }
}

const run: Aggregate = {
  initial: NO_RUN,
  execute: (command, loaded, context) => execute(command as RunCommand, loaded.state as RunState, context),
  evolve: (state, event, plan) => evolve(state as RunState, event as RunEvent, plan),
  scopeOf(runId, first, plan) {
    const { projectId, dagId, plan: own } = first.data as RunRequested
    return { projectId, dagId, instanceId: instanceIds(runId, ordinalsOf((own ?? plan) as Plan)) }
  },
}

/** By the word that the stream's id begins with. */
export const AGGREGATES: { readonly [Name in Command['aggregate']]: Aggregate } = {
  run,
  dag: simple(NO_DAG as DagState, decideDag, evolveDag, (dagId, first) => ({
    projectId: (first.data as { projectId: string }).projectId,
    dagId,
    instanceId: null,
  })),
  backfill: simple(NO_BACKFILL, decideBackfill, evolveBackfill, (_, first) => {
    const { projectId, dagId } = first.data as { projectId: string; dagId: string }
    return { projectId, dagId, instanceId: null }
  }),
  project: simple(NO_PROJECT, decideProject, evolveProject, (projectId) => ({
    projectId,
    dagId: null,
    instanceId: null,
  })),
  user: simple(NO_USER, decideUser, evolveUser),
  queue: simple(NO_QUEUE, decideQueue, evolveQueue),
  pool: simple(NO_POOL, decidePool, evolvePool),
  machine: simple(NO_MACHINE, decideMachine, evolveMachine),
  template: simple(NO_TEMPLATE, decideTemplate, evolveTemplate),
  sla: simple(NO_SLA, decideSla, evolveSla, (_, first) => {
    const { projectId, dagId } = first.data as { projectId: string | null; dagId: string | null }
    return { projectId, dagId, instanceId: null }
  }),
}

/** The four scope columns of one event: a run's events name the run, its instances' events the instance. */
export function eventScope(streamId: string, scope: StreamScope, event: DomainEvent): EventScope {
  const { projectId, dagId, instanceId } = scope
  if (instanceId === null) return { projectId, dagId, runId: null, instanceId: null }
  const { task } = event.data as { task?: string }
  return { projectId, dagId, runId: streamId, instanceId: task === undefined ? null : instanceId(task) }
}
