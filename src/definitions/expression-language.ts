import { Environment } from '@marcbachmann/cel-js'
import { linearPattern } from './linear-pattern.js'

/** Characters of an expression; nodes and nesting are bounded besides, which bounds parsing and checking. */
export const MAX_EXPRESSION_LENGTH = 2_000
const LIMITS = { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 8 }
/** Characters that `join` may make and `split` may take: V8 aborts the process on arrays beyond 2^27 elements. */
const MAX_TEXT = 10_000_000

/** The library's own method, and ours under the name that the parser's tree is changed to (see expression.ts). */
export const REPLACED_METHODS: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesLinear'],
  ['join', 'joinBounded'],
  ['split', 'splitBounded'],
])

/** What `run` offers an expression, as CEL types: what a run knows of itself from its request on (`ConditionScope`). */
export const RUN_FIELDS = {
  name: 'string',
  kind: 'string',
  trigger: 'string',
  logicalDate: 'dyn',
} as const

/**
 * CEL as the DAG file has it: `parameters`, `outputs` and `run`, in elements `item` and `index`; whole numbers and fractions may be mixed in arithmetic,
 * since a JSON number does not say which it is; patterns are RE2.
 */
export function createLanguage(): Environment {
  const language = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
  language.registerVariable('parameters', 'map').registerVariable('outputs', 'map')
  language.registerVariable('run', { schema: { ...RUN_FIELDS } })
  language.registerVariable('item', 'dyn').registerVariable('index', 'int')
  const arithmetic = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
  }
  for (const [sign, calculate] of Object.entries(arithmetic)) {
    const mixed = (a: bigint | number, b: bigint | number) => calculate(Number(a), Number(b))
    language.registerOperator(`int ${sign} double: double`, mixed)
    language.registerOperator(`double ${sign} int: double`, mixed)
  }
  return registerMethods(language)
}

function registerMethods(language: Environment): Environment {
  return language
    .registerFunction('string.matchesLinear(string): bool', (text: string, pattern: string) =>
      linearPattern(pattern).test(text),
    )
    .registerFunction('string.splitBounded(string): list<string>', (text: string, by: string) =>
      bounded(text.length, () => text.split(by)),
    )
    .registerFunction('string.splitBounded(string, int): list<string>', (text: string, by: string, count: bigint) =>
      bounded(text.length, () => splitAtMost(text, by, Number(count))),
    )
    .registerFunction('list.joinBounded(): string', (list: unknown[]) => join(list, ''))
    .registerFunction('list.joinBounded(string): string', (list: unknown[], by: string) => join(list, by))
}

/** At most `count` parts, the last with the rest of the text; a negative count: all. */
function splitAtMost(text: string, by: string, count: number): string[] {
  const parts = text.split(by)
  if (count < 0 || parts.length <= count) return parts
  return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(by)]
}

function join(list: unknown[], by: string): string {
  let length = 0
  for (const item of list) {
    if (typeof item !== 'string') throw new Error('join takes a list of texts')
    length += item.length + by.length
  }
  return bounded(length, () => list.join(by))
}

function bounded<Result>(length: number, run: () => Result): Result {
  if (length > MAX_TEXT) throw new Error(`A text must be at most ${MAX_TEXT} characters here, not ${length}`)
  return run()
}
