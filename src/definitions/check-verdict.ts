import type { JsonObject } from '../domain/json.js'
import { asList, asObject, own } from './json-access.js'
import { linearPattern, PatternRefused } from './linear-pattern.js'
import type { ProblemList } from './problem-list.js'
import { subject } from './quote.js'

const SOURCES = ['junit', 'tap', 'rules'] as const

/** What a schema cannot say of `verdict`: exactly one place where it is read, and patterns that match in linear time. */
export function checkVerdict(verdict: JsonObject, path: readonly string[], problems: ProblemList): void {
  const given = SOURCES.filter((key) => Object.hasOwn(verdict, key))
  if (given.length !== 1) {
    const said = given.length === 0 ? 'none' : given.join(' and ')
    const message = `${subject(path)} must have exactly one of ${SOURCES.join(', ')}, not ${said}`
    problems.add({ code: given.length === 0 ? 'REQUIRED' : 'INVALID', path, message, at: 'KEY' })
  }
  if (own(verdict, 'tap') === false) {
    const at = [...path, 'tap']
    problems.add({
      code: 'INVALID',
      path: at,
      message: `${subject(at)} must be true, or the path of a file, not false`,
    })
  }
  if (Object.hasOwn(verdict, 'default') && !Object.hasOwn(verdict, 'rules')) {
    const at = [...path, 'default']
    problems.add({ code: 'INVALID', path: at, message: `${subject(at)} is for rules only`, at: 'KEY' })
  }
  asList(own(verdict, 'rules'))?.forEach((rule, index) => {
    const pattern = own(asObject(rule) ?? {}, 'pattern')
    if (typeof pattern === 'string') checkPattern(pattern, [...path, 'rules', String(index), 'pattern'], problems)
  })
}

function checkPattern(pattern: string, path: readonly string[], problems: ProblemList): void {
  try {
    linearPattern(pattern)
  } catch (error) {
    if (!(error instanceof PatternRefused)) throw error
    problems.add({ code: 'INVALID', path, message: `${subject(path)}: ${error.message}` })
  }
}
