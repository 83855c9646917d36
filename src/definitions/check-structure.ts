import type { ErrorObject } from 'ajv'
import type { RejectionCode } from '../domain/rejection.js'
import { schemaErrors } from './dag-schema.js'
import { foreignKey } from './foreign-keys.js'
import { didYouMean } from './near-keys.js'
import type { FoundProblem, ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'

/** Checks a value against the published schema; each departure becomes a problem in words. */
export function checkStructure(value: unknown, problems: ProblemList): void {
  // 0.5 for a whole number from 1 on is against two keywords, and one rule in words.
  const said = new Set<string>()
  for (const error of schemaErrors(value)) {
    const problem = problemOf(error)
    if (problem === null) continue
    const words = typeof problem.message === 'string' ? `${error.instancePath} ${problem.message}` : null
    if (words !== null && said.has(words)) continue
    if (words !== null) said.add(words)
    problems.add(problem)
  }
}

function problemOf(error: ErrorObject): FoundProblem | null {
  const path = pathOf(error.instancePath)
  switch (error.keyword) {
    // The engines' rules: check-engine.ts says them better than `must match exactly one schema in oneOf`.
    case 'oneOf':
      return null
    case 'required':
      return isUnder(error, '/oneOf/') ? null : missing(path, String(error.params.missingProperty))
    case 'additionalProperties':
      return unknownKey(path, String(error.params.additionalProperty), error)
    case 'propertyNames':
      return badName(path, String(error.params.propertyName))
    case 'enum':
      return given('INVALID', path, `must be one of ${(error.params.allowedValues as unknown[]).join(', ')}`, error)
    default:
      // A bad name is reported twice: here by its pattern, and as `propertyNames`.
      return error.propertyName === undefined ? given(codeOf(error), path, rule(error), error) : null
  }
}

function isUnder(error: ErrorObject, part: string): boolean {
  return error.schemaPath.includes(part)
}

function missing(path: readonly string[], key: string): FoundProblem {
  return { code: 'REQUIRED', path, message: `${subject(path)} needs ${key}`, at: 'KEY' }
}

function unknownKey(parent: readonly string[], key: string, error: ErrorObject): FoundProblem {
  const path = [...parent, key]
  const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {})
  const message = () => {
    const foreign = foreignKey(key, known)
    return `${subject(path)} is not a known key${foreign === null ? didYouMean(key, known) : `. Did you mean ${foreign}?`}`
  }
  return { code: 'INVALID', path, message, at: 'KEY' }
}

function badName(parent: readonly string[], name: string): FoundProblem {
  const path = [...parent, name]
  const of = parent.at(-1) === 'env' ? ENVIRONMENT_RULE : KEY_RULE
  return { code: 'INVALID', path, message: `${subject(parent)}: ${of}, not ${quote(name)}`, at: 'KEY' }
}

const KEY_RULE =
  'a task key must start with a letter or _ and go on with letters, digits, _ and -, at most 100 characters'
const ENVIRONMENT_RULE =
  'a variable must start with a letter or _ and go on with letters, digits and _, at most 200 characters, and not with DAGBOOK_'

function given(code: RejectionCode, path: readonly string[], must: string, error: ErrorObject): FoundProblem {
  return { code, path, message: `${subject(path)} ${must}, not ${quote(error.data)}` }
}

function rule(error: ErrorObject): string {
  const must = error.parentSchema?.['x-must']
  return typeof must === 'string' ? `must ${must}` : (error.message ?? 'is not valid')
}

function codeOf(error: ErrorObject): RejectionCode {
  return error.keyword === 'maxLength' || error.keyword === 'maxItems' || error.keyword === 'maxProperties'
    ? 'TOO_LARGE'
    : 'INVALID'
}

/** A JSON pointer as a path. */
function pathOf(pointer: string): string[] {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
