import type { Json, JsonObject } from '../domain/json.js'
import type { Rejection } from '../domain/rejection.js'
import { didYouMean } from './near-keys.js'
import { SLA_FACTS, type SlaFact, type SlaSubject } from './sla-facts.js'

/** One comparison of conditions that were found sound. */
export interface SlaComparison {
  readonly fact: string
  readonly operator: string
  readonly value: number | string | readonly string[]
  readonly params?: JsonObject
}

/** Conditions that were found sound. */
export type SlaConditions =
  | { readonly all: readonly SlaCondition[] }
  | { readonly any: readonly SlaCondition[] }
  | { readonly not: SlaCondition }
export type SlaCondition = SlaConditions | SlaComparison

/** What an SLA may look at, by what it is scoped to. */
export const SCOPE_SUBJECTS = {
  everywhere: ['RUN', 'TASK', 'SCOPE', 'QUEUE', 'POOL', 'MACHINE'],
  project: ['RUN', 'TASK', 'SCOPE'],
  dag: ['RUN', 'TASK', 'SCOPE'],
  task: ['TASK'],
  queue: ['QUEUE'],
  pool: ['POOL', 'MACHINE'],
} as const satisfies Record<string, readonly SlaSubject[]>

export type SlaScopeName = keyof typeof SCOPE_SUBJECTS

export interface CheckedConditions {
  /** Null: something is wrong. */
  readonly subject: SlaSubject | null
  readonly problems: readonly Rejection[]
}

const OPERATORS: { readonly [Type in SlaFact['type']]: readonly string[] } = {
  number: ['equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'],
  string: ['equal', 'notEqual', 'in', 'notIn'],
}
const MAX_COMPARISONS = 50
const MAX_DEPTH = 10

/**
 * Whether json-rules-engine can evaluate them over facts that there are: everything that is wrong, with paths from
 * `conditions` on. Comparisons of one SLA are about one kind of subject; those of tasks may name facts of their run, too.
 */
export function checkSlaConditions(conditions: Json, scope: SlaScopeName): CheckedConditions {
  const walk = new Walk()
  walk.group(conditions, ['conditions'], 0)
  const { problems, subjects } = walk
  if (walk.comparisons > MAX_COMPARISONS) {
    const message = `Conditions must have at most ${MAX_COMPARISONS} comparisons, given ${walk.comparisons}`
    problems.push({ code: 'TOO_LARGE', message, path: ['conditions'] })
  }
  const subject = subjectOf(new Set(subjects.map(({ kind }) => kind)))
  if (subject === null && subjects.length > 0) {
    const odd = subjects.find(({ kind }) => kind !== subjects[0]?.kind) ?? subjects[0]
    const given = [...new Set(subjects.map(({ kind }) => kind))].join(' and ')
    const message = `Conditions must be about one kind of subject (facts of a task's run go with it), given ${given}`
    problems.push({ code: 'INVALID', message, path: odd?.path ?? ['conditions'] })
  }
  const allowed: readonly SlaSubject[] = SCOPE_SUBJECTS[scope]
  if (subject !== null && !allowed.includes(subject)) {
    const message = `An SLA of ${scope} looks at ${allowed.join(', ')}, given facts of ${subject}`
    problems.push({ code: 'INVALID', message, path: subjects[0]?.path ?? ['conditions'] })
  }
  return { subject: problems.length > 0 ? null : subject, problems }
}

function subjectOf(kinds: ReadonlySet<SlaSubject>): SlaSubject | null {
  if (kinds.size === 2 && kinds.has('RUN') && kinds.has('TASK')) return 'TASK'
  const [only = null] = kinds
  return kinds.size === 1 ? only : null
}

class Walk {
  readonly problems: Rejection[] = []
  readonly subjects: { readonly kind: SlaSubject; readonly path: readonly string[] }[] = []
  comparisons = 0

  group(given: Json, path: readonly string[], depth: number): undefined {
    if (depth > MAX_DEPTH) return this.#wrong(path, `Conditions must be nested at most ${MAX_DEPTH} deep`)
    if (!isObject(given)) return this.#wrong(path, 'Conditions must be an object with all, any or not')
    if ('fact' in given && depth > 0) return this.#comparison(given, path)
    const [key, ...more] = Object.keys(given)
    if (more.length > 0 || (key !== 'all' && key !== 'any' && key !== 'not')) {
      const shown = Object.keys(given).slice(0, 10).join(', ')
      return this.#wrong(path, `Conditions must have just one of all, any and not, given ${shown || 'none'}`)
    }
    const inner = given[key] as Json
    if (key === 'not') return this.group(inner, [...path, key], depth + 1)
    if (!Array.isArray(inner) || inner.length === 0) {
      return this.#wrong([...path, key], `${key} must be a list of one or more conditions`)
    }
    for (const [at, each] of inner.entries()) this.group(each, [...path, key, String(at)], depth + 1)
  }

  #comparison(given: JsonObject, path: readonly string[]): undefined {
    this.comparisons += 1
    for (const key of Object.keys(given)) {
      if (!['fact', 'operator', 'value', 'params'].includes(key)) {
        this.#wrong([...path, key], `A comparison has fact, operator, value and params, given ${key.slice(0, 100)}`)
      }
    }
    const name = String(given.fact)
    const fact = Object.hasOwn(SLA_FACTS, name) ? SLA_FACTS[name] : undefined
    if (fact === undefined) {
      const hint = didYouMean(name, Object.keys(SLA_FACTS))
      return this.#wrong([...path, 'fact'], `There is no fact ${JSON.stringify(name.slice(0, 100))}${hint}`)
    }
    this.subjects.push({ kind: fact.subject, path: [...path, 'fact'] })
    this.#operator(fact, given, path)
    this.#params(name, fact, given.params, [...path, 'params'])
  }

  #operator(fact: SlaFact, { operator, value }: JsonObject, path: readonly string[]): undefined {
    const operators = OPERATORS[fact.type]
    if (typeof operator !== 'string' || !operators.includes(operator)) {
      const given = JSON.stringify(operator ?? null).slice(0, 100)
      return this.#wrong([...path, 'operator'], `The operator must be one of ${operators.join(', ')}, given ${given}`)
    }
    const isList = operator === 'in' || operator === 'notIn'
    const values = isList && Array.isArray(value) ? value : [value]
    const isFine = (each: Json | undefined) =>
      fact.type === 'number' ? typeof each === 'number' : fact.values?.includes(String(each)) === true
    if (isList === Array.isArray(value) && values.every(isFine)) return
    const what = fact.type === 'number' ? 'a number' : `${isList ? 'a list of' : 'one of'} ${fact.values?.join(', ')}`
    const given = JSON.stringify(value ?? null).slice(0, 100)
    this.#wrong([...path, 'value'], `The value must be ${what}, given ${given}`)
  }

  #params(name: string, fact: SlaFact, given: Json | undefined, path: readonly string[]): undefined {
    const rules = fact.params ?? {}
    const params = given === undefined ? {} : given
    if (!isObject(params)) return this.#wrong(path, 'params must be an object')
    for (const key of Object.keys(params)) {
      if (!Object.hasOwn(rules, key)) this.#wrong([...path, key], `Fact ${name} has no parameter ${key.slice(0, 100)}`)
    }
    for (const [key, { rule, isFine }] of Object.entries(rules)) {
      if (isFine(params[key])) continue
      const shown = JSON.stringify(params[key] ?? null).slice(0, 100)
      this.#wrong([...path, key], `${key} of ${name} must be ${rule}, given ${shown}`)
    }
  }

  #wrong(path: readonly string[], message: string): undefined {
    if (this.problems.length < 100) this.problems.push({ code: 'INVALID', message, path })
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
