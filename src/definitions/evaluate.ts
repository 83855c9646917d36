import type { Json, JsonObject } from '../domain/json.js'
import { compileExpression, type Expression, ExpressionRefused, forgetExpression } from './expression.js'
import { fromCel, MAX_SCOPE_VALUES, toCel, type ValueBudget } from './expression-values.js'
import { quote } from './quote.js'
import { DeadlineExceeded, withinDeadline } from './within-deadline.js'

/** What an expression may look at. */
export interface ExpressionScope {
  /** The run's parameters, defaults applied. */
  readonly parameters: JsonObject
  /** Outputs by task key; only those that `outputsReadBy` names are looked at. A task without an output is left out. */
  readonly outputs: { readonly [taskKey: string]: Json }
  readonly run: RunFacts
}

/** `run` in an expression. Times are RFC 3339, UTC: `timestamp(run.createdAt)`. */
export interface RunFacts {
  readonly id: string
  /** Name of the DAG. */
  readonly dag: string
  /** Name of the project. */
  readonly project: string
  /** Number of the DAG's version. */
  readonly version: number
  /** What started it: MANUAL, SCHEDULE ... */
  readonly trigger: string
  /** The time that the run is for; null when it is for none. */
  readonly logicalDate: string | null
  readonly createdAt: string
}

/** An expression gave no value: a missing key, types that do not fit, too much work. The instance ends ERRORED. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly code = 'EVALUATION_FAILED'
  constructor(
    readonly expression: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`The expression ${quote(expression)} cannot be evaluated: ${reason}`, options)
  }
}

/** Loops are rare and lists short: what takes longer than this is an attack or a mistake, and the server waits for it. */
const EVALUATION_DEADLINE_MS = 250

/** Keys of the tasks whose outputs an expression reads, each once. Throws ExpressionRefused on a text never checked. */
export function outputsReadBy(text: string): readonly string[] {
  return compileExpression(text).outputs
}

/** Whether a condition (`if`) holds. Synchronous, at most 250 ms. Throws EvaluationError, also when it is no boolean. */
export function evaluateCondition(text: string, scope: ExpressionScope): boolean {
  const value = evaluate(text, scope)
  if (typeof value === 'boolean') return value
  throw new EvaluationError(text, `a condition must result in true or false, not ${quote(value)}`)
}

/** The value of an expression as JSON. Synchronous, at most 250 ms. Throws EvaluationError. */
export function evaluate(text: string, scope: ExpressionScope): Json {
  try {
    const expression = compileExpression(text)
    const values = scopeOf(expression, scope)
    return withinDeadline(EVALUATION_DEADLINE_MS, () => fromCel(expression.program(values)))
  } catch (error) {
    if (error instanceof DeadlineExceeded) forgetExpression(text)
    throw new EvaluationError(text, reasonOf(error), { cause: error })
  }
}

function scopeOf(expression: Expression, scope: ExpressionScope): Map<string, unknown> {
  const budget: ValueBudget = { left: MAX_SCOPE_VALUES }
  const outputs = new Map<string, unknown>()
  for (const key of expression.outputs) {
    const output = Object.hasOwn(scope.outputs, key) ? scope.outputs[key] : undefined
    if (output !== undefined) outputs.set(key, toCel(output, budget))
  }
  const { id, dag, project, version, trigger, logicalDate, createdAt } = scope.run
  const run = toCel({ id, dag, project, version, trigger, logicalDate, createdAt }, budget)
  return new Map<string, unknown>([
    ['parameters', toCel(scope.parameters, budget)],
    ['outputs', outputs],
    ['run', run],
  ])
}

function reasonOf(error: unknown): string {
  if (error instanceof ExpressionRefused) return error.message
  const { summary, message } = error as { summary?: string; message?: string }
  return summary ?? message ?? String(error)
}
