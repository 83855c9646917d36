import { compileExpression, ExpressionRefused } from './expression.js'
import { quote, shorten } from './quote.js'

/** Keys of tasks: those whose outputs a task may read, since they end before it starts. */
export interface KeySet {
  has(key: string): boolean
}

/** Why a condition (`if`) is refused, as what follows its subject (`must ...`); null when it is valid. */
export function checkCondition(text: string, upstreamKeys: KeySet): string | null {
  return checkExpression(text, upstreamKeys, (type) =>
    type === 'bool' || type === 'dyn' ? null : `must be a condition, true or false, not ${quote(text)} (${type})`,
  )
}

/** Why an expression of any type is refused; null when it is valid. */
export function checkValueExpression(text: string, upstreamKeys: KeySet): string | null {
  return checkExpression(text, upstreamKeys, () => null)
}

function checkExpression(
  text: string,
  upstreamKeys: KeySet,
  checkType: (type: string) => string | null,
): string | null {
  try {
    const { type, outputs } = compileExpression(text)
    const stranger = outputs.find((key) => !upstreamKeys.has(key))
    if (stranger === undefined) return checkType(type)
    return `must read outputs of tasks before it only, not outputs[${quote(stranger)}]: is it missing in needs?`
  } catch (error) {
    if (!(error instanceof ExpressionRefused)) throw error
    return `must be valid CEL, not ${quote(text)}: ${shorten(error.message, 300)}`
  }
}
