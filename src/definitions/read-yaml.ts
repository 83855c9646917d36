import { Composer, type CST, type Document, Lexer, Parser, type YAMLError } from 'yaml'
import { MAX_DEPTH, MAX_LEXEMES } from './limits.js'
import { TooLarge } from './too-large.js'

/** A document of the `yaml` package before its values are taken, or why it is none. */
export interface YamlReading {
  readonly document: Document | null
  readonly errors: readonly SyntaxProblem[]
  /** Errors beyond the first MAX_ERRORS. */
  readonly moreErrors: number
}

/** What is wrong at an offset (UTF-16 code units) of the source. */
export interface SyntaxProblem {
  readonly message: string
  readonly offset: number
}

/** Open collections on the parser's stack besides those of the file: the document and the value in the making. */
const STACK_BESIDE_COLLECTIONS = 2
/** Errors that are kept: 10 MB can hold five million, and as objects with a stack they took 2 GB and the process. */
const MAX_ERRORS = 1_000

/**
 * Reads one YAML 1.2 document (JSON is YAML). The package's own `parseDocument` has no bound, so its three parts are
 * driven here: lexer and parser are linear and keep a stack of their own, and are stopped at MAX_LEXEMES and MAX_DEPTH
 * before the composer recurses. `uniqueKeys` compares each key with all before it; `to-json.ts` uses a Set instead.
 * Throws TooLarge.
 */
export function readYaml(source: string): YamlReading {
  const { tokens, droppedErrors, directive } = parseTokens(source)
  if (directive !== null) return { document: null, errors: [directive], moreErrors: 0 }
  const composer = new Composer({ uniqueKeys: false, stringKeys: true, merge: false, resolveKnownTags: false })
  const dropped = keepFirstErrors(composer)
  let document: Document | null = null
  for (const next of composer.compose(tokens, true, source.length)) {
    if (document !== null) {
      const error = { message: 'The file has more than one document', offset: next.range[0] }
      return { document: null, errors: [error], moreErrors: 0 }
    }
    document = next
  }
  const errors = document === null ? [] : [...document.errors, ...document.warnings]
  return { document, errors: errors.map(syntaxProblem), moreErrors: dropped.count + droppedErrors }
}

/** The composer reports to a function of its own, which has no bound and no option; it is the only place to put one. */
function keepFirstErrors(composer: Composer): { count: number } {
  const dropped = { count: 0 }
  const inner = composer as unknown as { onError(...args: unknown[]): void }
  const keep = inner.onError
  let kept = 0
  inner.onError = (...args) => {
    if (kept++ < MAX_ERRORS) keep(...args)
    else dropped.count++
  }
  return dropped
}

interface Parsed {
  readonly tokens: readonly CST.Token[]
  readonly droppedErrors: number
  readonly directive: SyntaxProblem | null
}

function parseTokens(source: string): Parsed {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let lexemes = 0
  let errors = 0
  for (const lexeme of new Lexer().lex(source)) {
    if (++lexemes > MAX_LEXEMES) throw new TooLarge(`The file has more than ${MAX_LEXEMES} elements of YAML`)
    for (const token of parser.next(lexeme)) {
      const directive = refusedDirective(token)
      if (directive !== null) return { tokens, droppedErrors: 0, directive }
      if (token.type !== 'error' || errors++ < MAX_ERRORS) tokens.push(token)
    }
    if (parser.stack.length > MAX_DEPTH + STACK_BESIDE_COLLECTIONS) throw tooDeep(parser)
  }
  tokens.push(...parser.end())
  return { tokens, droppedErrors: Math.max(0, errors - MAX_ERRORS), directive: null }
}

function tooDeep(parser: Parser): TooLarge {
  return new TooLarge(`The file nests mappings and lists more than ${MAX_DEPTH} deep`, parser.offset)
}

/** `%YAML 1.1` would turn `on` into true and dates into objects; `%TAG` is of use only to custom tags. */
function refusedDirective(token: CST.Token): SyntaxProblem | null {
  if (token.type !== 'directive' || /^%YAML\s+1\.2\s*$/.test(token.source)) return null
  return { message: 'The file has a directive; only %YAML 1.2 is known', offset: token.offset }
}

/** Where the package's words speak of its options rather than of the file. */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ['TAG_RESOLVE_FAILED', 'tags such as !x and !!set are not allowed'],
  ['NON_STRING_KEY', 'keys are plain text'],
])

function syntaxProblem(error: YAMLError): SyntaxProblem {
  const message = OWN_WORDS.get(error.code) ?? error.message
  return { message: `The file is not valid YAML: ${message}`, offset: error.pos[0] }
}
