import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { LRUCache } from 'lru-cache'
import { createLanguage, MAX_EXPRESSION_LENGTH, REPLACED_METHODS } from './expression-language.js'
import { linearPattern, PatternRefused } from './linear-pattern.js'
import { quote } from './quote.js'

/** A CEL expression that parses, has fitting types and uses the run's names in a way that can be followed. */
export interface Expression {
  readonly program: ParseResult
  /** What it results in, in CEL's words: `bool`, `string`, `dyn` when only the run can tell ... */
  readonly type: string
  /** Keys of the tasks whose outputs it reads, each once. */
  readonly outputs: readonly string[]
  /** Whether it reads `item` or `index`, which only an element of a `forEach` has. */
  readonly readsItem: boolean
}

/** The text is no expression that the DAG file allows; the message says why, without naming where it stands. */
export class ExpressionRefused extends Error {
  override readonly name = 'ExpressionRefused'
  readonly code = 'EXPRESSION_REFUSED'
}

/** Loops inside loops: each multiplies the cost, and two suffice to look one list's elements up in another. */
const MAX_LOOPS = 2
const MAX_ADDITIONS = 32
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])
const ITEM_NAMES = new Set<unknown>(['item', 'index'])
const NAMES = new Set<unknown>(['parameters', 'outputs', 'run', ...ITEM_NAMES])

const language = createLanguage()
const compiled = new LRUCache<string, Expression>({ max: 2_000 })

/** Parses and checks an expression; the last 2,000 are kept. Throws ExpressionRefused. */
export function compileExpression(text: string): Expression {
  const known = compiled.get(text)
  if (known !== undefined) return known
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new ExpressionRefused(`it must be at most ${MAX_EXPRESSION_LENGTH} characters, not ${text.length}`)
  }
  const program = parse(text)
  const { outputs, readsItem } = new TreeWalk().walk(program.ast)
  const { valid, type, error } = program.check()
  if (!valid) throw refusal(error)
  const expression = { program, type: type ?? 'dyn', outputs, readsItem }
  compiled.set(text, expression)
  return expression
}

/** After its execution was cut off an expression's tree may be in any state. */
export function forgetExpression(text: string): void {
  compiled.delete(text)
}

function parse(text: string): ParseResult {
  try {
    return language.parse(text)
  } catch (error) {
    throw refusal(error)
  }
}

function refusal(error: unknown): ExpressionRefused {
  const { summary, message, range } = error as { summary?: string; message?: string; range?: { start: number } }
  const place = range === undefined ? '' : ` (at its character ${range.start + 1})`
  return new ExpressionRefused(`${summary ?? message ?? 'not valid'}${place}`, { cause: error })
}

/** One pass over the tree as written (macros are kept beside it): rules, the outputs that are read, bounded methods. */
class TreeWalk {
  readonly #outputs = new Set<string>()
  #additions = 0
  #readsItem = false

  walk(root: ASTNode): Pick<Expression, 'outputs' | 'readsItem'> {
    this.#visit(root, 0)
    return { outputs: [...this.#outputs], readsItem: this.#readsItem }
  }

  #visit(node: ASTNode, loops: number): void {
    if (this.#takesOutput(node)) return
    if (node.op === 'id' && ITEM_NAMES.has(node.args)) this.#readsItem = true
    if (node.op === 'id' && node.args === 'outputs') {
      throw new ExpressionRefused('outputs must be followed by the literal key of a task: outputs["extract"]')
    }
    if (node.op === '+' && ++this.#additions > MAX_ADDITIONS) {
      throw new ExpressionRefused(`it must have at most ${MAX_ADDITIONS} additions`)
    }
    if (node.op === 'rcall') this.#visitMethod(node.args as unknown as [string, ASTNode, ASTNode[]], loops)
    else for (const child of children(node.args)) this.#visit(child, loops)
  }

  /** `outputs["x"]`, `outputs.x`, `"x" in outputs`. */
  #takesOutput(node: ASTNode): boolean {
    if (!['.', '[]', 'in'].includes(node.op)) return false
    const [left, right] = node.args as unknown as [ASTNode, ASTNode | string]
    if (node.op === '.' && isOutputs(left)) this.#outputs.add(right as string)
    else if (node.op === '[]' && isOutputs(left)) this.#outputs.add(literal(right as ASTNode))
    else if (node.op === 'in' && isOutputs(right as ASTNode)) this.#outputs.add(literal(left))
    else return false
    return true
  }

  #visitMethod(args: [string, ASTNode, ASTNode[]], loops: number): void {
    const [name, receiver, rest] = args
    if (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel') {
      throw new ExpressionRefused('cel.bind is not allowed: values must not be doubled')
    }
    if (name === 'matches' && rest[0]?.op === 'value') checkPattern(rest[0].args)
    args[0] = REPLACED_METHODS.get(name) ?? name
    const inner = LOOPS.has(name) ? loops + 1 : loops
    if (inner > MAX_LOOPS) throw new ExpressionRefused(`it must have at most ${MAX_LOOPS} loops inside each other`)
    if (LOOPS.has(name) && rest[0]?.op === 'id' && NAMES.has(rest[0].args)) {
      throw new ExpressionRefused(`${rest[0].args} must not be the variable of ${name}`)
    }
    this.#visit(receiver, loops)
    for (const child of rest) this.#visit(child, inner)
  }
}

function isOutputs(node: ASTNode | undefined): boolean {
  return node?.op === 'id' && node.args === 'outputs'
}

function literal(node: ASTNode): string {
  if (node.op === 'value' && typeof node.args === 'string') return node.args
  throw new ExpressionRefused('outputs must be followed by the literal key of a task, not by an expression')
}

function checkPattern(pattern: unknown): void {
  if (typeof pattern !== 'string') return
  try {
    linearPattern(pattern)
  } catch (error) {
    if (error instanceof PatternRefused) throw new ExpressionRefused(`${error.message}, not ${quote(pattern)}`)
    throw error
  }
}

function children(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(children)
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : []
}
