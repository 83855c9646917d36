import { RE2JS } from 're2js'

/** A pattern that matches in time linear in the text, whatever it is (RE2: no look-around, no back-references). */
export interface LinearPattern {
  /** Whether the pattern is found anywhere in the text, as `RegExp.test`. */
  test(text: string): boolean
}

/**
 * Linear in the text, but the factor is the size of the compiled pattern: a{999} a hundred times over takes 0.5 s to
 * compile, \pL{999} twelve. Within these bounds the worst found takes 0.1 s.
 */
const MAX_PATTERN_LENGTH = 500
/** Sum of the counts in braces. */
const MAX_REPETITIONS = 1_000

/** The pattern is no RE2 pattern, or too long. */
export class PatternRefused extends Error {
  override readonly name = 'PatternRefused'
  readonly code = 'PATTERN_REFUSED'
}

/** A loop of an expression asks for the same pattern again and again. */
let last: { pattern: string; compiled: LinearPattern } | null = null

/** Compiles a pattern written for JavaScript with RE2JS. Throws PatternRefused. */
export function linearPattern(pattern: string): LinearPattern {
  if (last?.pattern === pattern) return last.compiled
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new PatternRefused(`A pattern must be at most ${MAX_PATTERN_LENGTH} characters, not ${pattern.length}`)
  }
  const repetitions = repetitionsOf(pattern)
  if (repetitions > MAX_REPETITIONS) {
    throw new PatternRefused(`A pattern must repeat at most ${MAX_REPETITIONS} times in all, not ${repetitions}`)
  }
  try {
    const program = RE2JS.compile(RE2JS.translateRegExp(pattern))
    const compiled = { test: (text: string) => program.test(text) }
    last = { pattern, compiled }
    return compiled
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new PatternRefused(`A pattern must be one of RE2 (no look-around, no back-references): ${reason}`)
  }
}

function repetitionsOf(pattern: string): number {
  let sum = 0
  for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) sum += Number(most || least)
  return sum
}
