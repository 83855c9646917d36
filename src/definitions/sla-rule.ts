import { Engine, type TopLevelCondition } from 'json-rules-engine'
import type { JsonObject } from '../domain/json.js'
import type { SlaComparison, SlaCondition, SlaConditions } from './sla-conditions.js'
import { factKey, SLA_FACTS, type SlaSubject } from './sla-facts.js'

/** What a fact must at least be for the conditions to hold, by its name; facts without such a bound are left out. */
export type LowerBounds = ReadonlyMap<string, number>

/** Conditions that were found sound, ready to be evaluated. */
export class SlaRule {
  readonly #engine = new Engine()
  readonly comparisons: readonly SlaComparison[]
  /** TASK as soon as one fact is a task's. */
  readonly subject: SlaSubject
  readonly bounds: LowerBounds

  constructor(conditions: SlaConditions) {
    this.comparisons = comparisonsIn(conditions)
    const subjects = this.comparisons.map(({ fact }) => SLA_FACTS[fact]?.subject)
    this.subject = subjects.includes('TASK') ? 'TASK' : (subjects[0] ?? 'RUN')
    this.bounds = boundsOf(conditions)
    // A copy: the engine keeps what it is given as its own.
    const copy = JSON.parse(JSON.stringify(conditions)) as TopLevelCondition
    this.#engine.addRule({ conditions: copy, event: { type: 'breached' } })
    for (const fact of new Set(this.comparisons.map((each) => each.fact))) {
      this.#engine.addFact(fact, async (params, almanac) => {
        const facts = await almanac.factValue<JsonObject>('facts')
        return facts[factKey(fact, params as JsonObject)]
      })
    }
  }

  /** Whether they compare that fact at all. */
  uses(fact: string): boolean {
    return this.comparisons.some((each) => each.fact === fact)
  }

  /** Whether they hold over the facts, which are named by `factKey`. */
  async holds(facts: JsonObject): Promise<boolean> {
    if (!this.#mayHold(facts)) return false
    const { events } = await this.#engine.run({ facts })
    return events.length > 0
  }

  /** Cheap: most subjects are far from breaking anything. */
  #mayHold(facts: JsonObject): boolean {
    for (const [fact, bound] of this.bounds) {
      const value = facts[fact]
      if (typeof value === 'number' && value < bound) return false
    }
    return true
  }
}

function comparisonsIn(condition: SlaCondition): SlaComparison[] {
  if ('fact' in condition) return [condition]
  if ('not' in condition) return comparisonsIn(condition.not)
  return ('all' in condition ? condition.all : condition.any).flatMap(comparisonsIn)
}

const AT_LEAST: ReadonlySet<string> = new Set(['greaterThan', 'greaterThanInclusive', 'equal'])

/** Of `all` the strictest of each fact, of `any` the loosest of what every branch bounds. */
function boundsOf(condition: SlaCondition): Map<string, number> {
  if ('not' in condition) return new Map()
  if ('fact' in condition) {
    const { fact, operator, value, params } = condition
    const isBound = typeof value === 'number' && params === undefined && AT_LEAST.has(operator)
    return new Map(isBound ? [[fact, value]] : [])
  }
  const isAll = 'all' in condition
  const parts = (isAll ? condition.all : condition.any).map(boundsOf)
  const facts = new Set(parts.flatMap((part) => [...part.keys()]))
  const bounds = new Map<string, number>()
  for (const fact of facts) {
    const given = parts.flatMap((part) => part.get(fact) ?? [])
    if (isAll) bounds.set(fact, Math.max(...given))
    else if (given.length === parts.length) bounds.set(fact, Math.min(...given))
  }
  return bounds
}
