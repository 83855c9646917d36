import { LRUCache } from 'lru-cache'
import type { ClientBase } from 'pg'
import type { DagVersionPublished } from '../domain/dag/dag.js'
import { type DagDefinition, withTaskOrder } from '../domain/dag/definition.js'
import { type Plan, planOf } from '../domain/dag/plan.js'
import type { RunRequested } from '../domain/run/events.js'
import type { StoredEvent } from '../history/event.js'
import type { AppliedEvent } from '../projections/projection.js'
import { PROJECTIONS } from '../projections/registry.js'
import { instanceIds, ordinalsOf, type RunFacts } from '../projections/run/run-facts.js'

const DEFINITIONS = 'SELECT id, definition FROM dag_version WHERE id = ANY($1::text[])'

/** The first events of runs, what was requested, with the priorities that the runs have by now. */
const REQUESTS = `
  SELECT e.stream_id AS id, e.data, r.priority FROM run r JOIN stream s ON s.id = r.id
  JOIN event e ON e.position = s.first_position
  WHERE r.id = ANY($1::text[])`

interface Requested {
  readonly id: string
  readonly data: RunRequested
  readonly priority: number
}

/** Planned tasks that are kept in memory, over all plans, and over all runs. */
const MAX_TASKS = 100_000

/** Applies the journal to every projection's tables, as the session's search path finds them. */
export class Replay {
  readonly #plans = new LRUCache<string, Plan>({ maxSize: MAX_TASKS, sizeCalculation: (plan) => plan.tasks.length + 1 })
  readonly #runs = new LRUCache<string, RunFacts>({
    maxSize: MAX_TASKS,
    sizeCalculation: ({ plan }) => plan.tasks.length + 1,
  })

  constructor(private readonly session: ClientBase) {}

  /** The next events, in the order of the journal. The caller opens the transaction. */
  async apply(events: readonly StoredEvent[]): Promise<void> {
    const applied = events.map(appliedEvent)
    const runs = await this.#runsOf(applied)
    const source = (id: string): RunFacts => {
      const run = runs.get(id)
      if (run === undefined) throw new Error(`The journal does not say what was requested as ${id}`)
      return run
    }
    const statements = PROJECTIONS.flatMap((projection) => projection.statements(applied, source))
    for (const statement of statements) await this.session.query(statement)
    for (const { type, streamId, data } of applied) {
      if (type !== 'RunPriorityChanged') continue
      this.#runs.set(streamId, { ...source(streamId), priority: (data as { readonly priority: number }).priority })
    }
  }

  /** What is to be known of the runs that the events are about: some began in an earlier batch. */
  async #runsOf(events: readonly AppliedEvent[]): Promise<ReadonlyMap<string, RunFacts>> {
    const found = new Map<string, RunFacts>()
    const requests = new Map<string, RunRequested>()
    const missing = new Set<string>()
    for (const { type, data, streamId } of events) {
      if (type === 'RunRequested') requests.set(streamId, data as RunRequested)
      else if (streamId.startsWith('run_') && !requests.has(streamId)) {
        const known = this.#runs.get(streamId)
        if (known === undefined) missing.add(streamId)
        else found.set(streamId, known)
      }
    }
    if (missing.size > 0) {
      const { rows } = await this.session.query<Requested>(REQUESTS, [[...missing]])
      for (const { id, data, priority } of rows) requests.set(id, { ...data, priority })
    }
    const plans = await this.#plansOf([...requests.values()], events)
    for (const [id, request] of requests) {
      const plan = request.plan ?? (plans.get(request.dagVersionId ?? '') as Plan)
      const ordinals = ordinalsOf(plan)
      const { dagVersionId, priority } = request
      const run = { plan, planId: dagVersionId ?? id, ordinals, priority, instanceId: instanceIds(id, ordinals) }
      found.set(id, run)
      this.#runs.set(id, run)
    }
    return found
  }

  /** The plans of the versions that the requests name: published before, in this batch or in an earlier one. */
  async #plansOf(
    requests: readonly RunRequested[],
    events: readonly AppliedEvent[],
  ): Promise<ReadonlyMap<string, Plan>> {
    const found = new Map<string, Plan>()
    for (const { type, data } of events) {
      if (type !== 'DagVersionPublished') continue
      const { dagVersionId, definition, taskKeys } = data as DagVersionPublished
      found.set(dagVersionId, planOf(withTaskOrder(definition, taskKeys)))
    }
    const missing = new Set<string>()
    for (const { plan, dagVersionId: id } of requests) {
      if (plan !== null || id === null || found.has(id)) continue
      const known = this.#plans.get(id)
      if (known === undefined) missing.add(id)
      else found.set(id, known)
    }
    if (missing.size > 0) {
      const { rows } = await this.session.query<{ id: string; definition: DagDefinition }>(DEFINITIONS, [[...missing]])
      for (const { id, definition } of rows) found.set(id, planOf(definition))
    }
    for (const id of missing) if (!found.has(id)) throw new Error(`No version ${id} was published before its run`)
    for (const [id, plan] of found) this.#plans.set(id, plan)
    return found
  }
}

function appliedEvent(event: StoredEvent): AppliedEvent {
  const { streamId, version, type, dataText, projectId, dagId, instanceId, actor, recordedAt } = event
  return { streamId, version, type, data: JSON.parse(dataText), projectId, dagId, instanceId, actor, recordedAt }
}
