import { LRUCache } from 'lru-cache'
import type { ClientBase, Pool } from 'pg'
import type { DagDefinition } from '../domain/dag/definition.js'
import { type Plan, planOf } from '../domain/dag/plan.js'

const READ = 'SELECT id, definition::text AS definition FROM dag_version WHERE id = ANY($1::text[])'

/** As many planned tasks as are kept in memory, over all plans: some 100 MB at 1 KB a task. */
const MAX_TASKS = 100_000

/** The plans of DAG versions. A version never changes, so neither does its plan. */
export class Plans {
  readonly #plans = new LRUCache<string, Plan>({ maxSize: MAX_TASKS, sizeCalculation: (plan) => plan.tasks.length })

  /** Plans by version id; those of ids that are no versions are left out. */
  async load(db: ClientBase | Pool, ids: readonly string[]): Promise<Map<string, Plan>> {
    const found = new Map<string, Plan>()
    const missing: string[] = []
    for (const id of new Set(ids)) {
      const plan = this.#plans.get(id)
      if (plan === undefined) missing.push(id)
      else found.set(id, plan)
    }
    if (missing.length === 0) return found
    const { rows } = await db.query<{ id: string; definition: string }>(READ, [missing])
    for (const { id, definition } of rows) {
      const plan = planOf(JSON.parse(definition) as DagDefinition)
      this.#plans.set(id, plan)
      found.set(id, plan)
    }
    return found
  }
}
