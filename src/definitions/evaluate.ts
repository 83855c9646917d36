import type { Json } from '../domain/json.js'
import type { ConditionScope } from '../domain/run/commands.js'
import { compileExpression, type Expression, ExpressionRefused, forgetExpression } from './expression.js'
import { RUN_FIELDS } from './expression-language.js'
import { fromCel, MAX_SCOPE_VALUES, toCel, type ValueBudget } from './expression-values.js'
import { DeadlineExceeded, withinDeadline } from './within-deadline.js'

/**
 * An expression gave no value: a missing key, types that do not fit, too much work. The message is the reason alone;
 * `expression` is the text that it is about.
 */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly code = 'EVALUATION_FAILED'
  constructor(
    readonly expression: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options)
  }
}

/** Loops are rare and lists short: what takes longer than this is an attack or a mistake, and the server waits for it. */
const EVALUATION_DEADLINE_MS = 250

/** Whether only the task that starts can tell its value, as it reads outputs or the task's element. Throws ExpressionRefused on a text never checked. */
export function isLate(text: string): boolean {
  const { outputs, readsItem } = compileExpression(text)
  return readsItem || outputs.length > 0
}

/** The value of an expression as JSON. Synchronous, at most 250 ms of processor time. Throws EvaluationError. */
export function evaluate(text: string, scope: ConditionScope): Json {
  try {
    const expression = compileExpression(text)
    const values = scopeOf(expression, scope)
    return withinDeadline(EVALUATION_DEADLINE_MS, () => fromCel(expression.program(values)))
  } catch (error) {
    if (error instanceof DeadlineExceeded) forgetExpression(text)
    throw new EvaluationError(text, reasonOf(error), { cause: error })
  }
}

function scopeOf(expression: Expression, scope: ConditionScope): Map<string, unknown> {
  const budget: ValueBudget = { left: MAX_SCOPE_VALUES }
  const outputs = new Map<string, unknown>()
  for (const key of expression.outputs) {
    const output = Object.hasOwn(scope.outputs, key) ? scope.outputs[key] : null
    // null: the task was skipped, failed, or wrote none.
    if (output !== null && output !== undefined) outputs.set(key, toCel(output, budget))
  }
  const facts = Object.keys(RUN_FIELDS).map((name) => [name, scope.run[name] ?? null])
  const run = toCel(Object.fromEntries(facts), budget)
  return new Map<string, unknown>([
    ['parameters', toCel(scope.parameters, budget)],
    ['outputs', outputs],
    ['run', run],
    ...(scope.item === undefined ? [] : ([['item', toCel(scope.item, budget)]] as const)),
    ...(scope.index === undefined ? [] : ([['index', BigInt(scope.index)]] as const)),
  ])
}

function reasonOf(error: unknown): string {
  if (error instanceof ExpressionRefused) return error.message
  const { summary, message } = error as { summary?: string; message?: string }
  return summary ?? message ?? String(error)
}
