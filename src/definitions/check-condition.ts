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

/** Why the list of a `forEach` is refused; null when it is valid. */
export function checkList(text: string, upstreamKeys: KeySet): string | null {
  return checkExpression(text, upstreamKeys, (type) =>
    type.startsWith('list') || type === 'dyn' ? null : `must be a list, not ${quote(text)} (${type})`,
  )
}

/** Why an expression of any type is refused; null when it is valid. `hasItem`: its task is one of `forEach`. */
export function checkValueExpression(text: string, upstreamKeys: KeySet, hasItem: boolean): string | null {
  return checkExpression(text, upstreamKeys, () => null, hasItem)
}

function checkExpression(
  text: string,
  upstreamKeys: KeySet,
  checkType: (type: string) => string | null,
  hasItem = false,
): string | null {
  try {
    const { type, outputs, readsItem } = compileExpression(text)
    if (readsItem && !hasItem) return `must not use item or index, which only elements of forEach have: ${quote(text)}`
    const stranger = outputs.find((key) => !upstreamKeys.has(key))
    if (stranger === undefined) return checkType(type)
    return `must read outputs of tasks before it only, not outputs[${quote(stranger)}]: is it missing in needs?`
  } catch (error) {
    if (!(error instanceof ExpressionRefused)) throw error
    return `must be valid CEL, not ${quote(text)}: ${shorten(error.message, 300)}`
  }
}
