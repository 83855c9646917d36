import { listExpression } from '../domain/dag/list-expression.js'
import type { Json, JsonObject } from '../domain/json.js'
import { Ancestors } from './ancestors.js'
import { checkCondition, checkList, type KeySet } from './check-condition.js'
import type { TaskGraph } from './check-needs.js'
import { asList, asObject, own } from './json-access.js'
import type { ProblemList } from './problem-list.js'
import { subject } from './quote.js'
import { checkTemplateValues } from './template-values.js'

/** Outputs of any task may be read: of use when what is upstream cannot be told. */
const ANY_KEY: KeySet = { has: () => true }

/** The keys upstream of a task of a graph without a cycle; computed for all when the first expression asks. */
export class UpstreamKeys {
  readonly #graph: TaskGraph
  readonly #isAcyclic: boolean
  #ancestors: Ancestors | null = null

  constructor(graph: TaskGraph, isAcyclic: boolean) {
    this.#graph = graph
    this.#isAcyclic = isAcyclic
  }

  /** Those of one task. With a cycle in the graph every key is one: the cycle is the problem to mend first. */
  of(ordinal: number): KeySet {
    if (!this.#isAcyclic) return ANY_KEY
    return {
      has: (key) => {
        const other = this.#graph.ordinals.get(key)
        this.#ancestors ??= new Ancestors(this.#graph.needs)
        return other !== undefined && this.#ancestors.has(ordinal, other)
      },
    }
  }
}

/** What may take values of the run: of a request, of a thread's function, and of a template. */
const HOLD_VALUES = [['with'], ['http', 'headers'], ['http', 'query'], ['http', 'body'], ['thread', 'input']] as const

/** Checks a task's condition and list, and its `$value`s. */
export function checkExpressions(
  task: JsonObject,
  path: readonly string[],
  upstream: KeySet,
  problems: ProblemList,
): void {
  const condition = own(task, 'if')
  if (typeof condition === 'string' && condition !== '') {
    const rule = checkCondition(condition, upstream)
    if (rule !== null) refuse([...path, 'if'], rule, problems)
  }
  const list = own(task, 'forEach')
  const hasItem = list !== undefined
  if (typeof list === 'string' && list !== '') {
    const rule = checkList(listExpression(list, textsIn(own(task, 'needs'))), upstream)
    if (rule !== null) refuse([...path, 'forEach'], rule, problems)
  }
  for (const [key, ...inside] of HOLD_VALUES) {
    const at = [key, ...inside]
    const value = at.reduce<Json | undefined>((within, name) => own(asObject(within ?? null) ?? {}, name), task)
    if (value === undefined) continue
    for (const found of checkTemplateValues(value, upstream, hasItem)) {
      refuse([...path, ...at, ...found.path], found.rule, problems)
    }
  }
}

function textsIn(value: Json | undefined): string[] {
  return (asList(value) ?? []).filter((each) => typeof each === 'string')
}

function refuse(path: readonly string[], rule: string, problems: ProblemList): void {
  problems.add({ code: 'INVALID', path, message: `${subject(path)} ${rule}` })
}
