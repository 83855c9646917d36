import { LRUCache } from 'lru-cache'
import type { ClientBase } from 'pg'
import type { DagVersionPublished } from '../domain/dag/dag.js'
import { type DagDefinition, withTaskOrder } from '../domain/dag/definition.js'
import { type Plan, planOf } from '../domain/dag/plan.js'
import type { RunRequested } from '../domain/run/events.js'
import type { StoredEvent } from '../history/event.js'
import type { AppliedEvent } from '../projections/projection.js'
import { PROJECTIONS } from '../projections/registry.js'

const DEFINITIONS = 'SELECT id, definition FROM dag_version WHERE id = ANY($1::text[])'

/** Planned tasks that are kept in memory, over all plans. */
const MAX_TASKS = 100_000

/** Applies the journal to every projection's tables, as the session's search path finds them. */
export class Replay {
  readonly #plans = new LRUCache<string, Plan>({ maxSize: MAX_TASKS, sizeCalculation: (plan) => plan.tasks.length })

  constructor(private readonly session: ClientBase) {}

  /** The next events, in the order of the journal. The caller opens the transaction. */
  async apply(events: readonly StoredEvent[]): Promise<void> {
    const applied = events.map(appliedEvent)
    const plans = await this.#plansOf(applied)
    const source = (id: string): Plan => {
      const plan = plans.get(id)
      if (plan === undefined) throw new Error(`No version ${id} was published before its run`)
      return plan
    }
    // One read model after the other: `waiting` reads what `dags` and `runs` have written.
    for (const projection of PROJECTIONS) await projection.apply(this.session, applied, source)
  }

  /** What the runs that begin here follow: published before, in this batch or in an earlier one. */
  async #plansOf(events: readonly AppliedEvent[]): Promise<ReadonlyMap<string, Plan>> {
    const found = new Map<string, Plan>()
    const missing = new Set<string>()
    const published = new Map<string, DagVersionPublished>()
    for (const { type, data } of events) {
      if (type === 'DagVersionPublished') {
        const version = data as DagVersionPublished
        published.set(version.dagVersionId, version)
      } else if (type === 'RunRequested' && (data as RunRequested).dagVersionId !== null) {
        const id = (data as RunRequested).dagVersionId as string
        const version = published.get(id)
        const plan =
          this.#plans.get(id) ??
          (version === undefined ? undefined : planOf(withTaskOrder(version.definition, version.taskKeys)))
        if (plan === undefined) missing.add(id)
        else found.set(id, plan)
      }
    }
    if (missing.size > 0) {
      const { rows } = await this.session.query<{ id: string; definition: DagDefinition }>(DEFINITIONS, [[...missing]])
      for (const { id, definition } of rows) found.set(id, planOf(definition))
    }
    for (const [id, plan] of found) this.#plans.set(id, plan)
    return found
  }
}

function appliedEvent(event: StoredEvent): AppliedEvent {
  const { streamId, version, type, dataText, projectId, dagId, instanceId, actor, recordedAt } = event
  return { streamId, version, type, data: JSON.parse(dataText), projectId, dagId, instanceId, actor, recordedAt }
}
