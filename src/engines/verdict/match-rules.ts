import type { Verdict, VerdictRule } from '../../domain/dag/verdict.js'
import { inPieces } from './in-pieces.js'

/** Compiles a pattern of RE2; matching takes time linear in the text. */
export type CompilePattern = (pattern: string) => { test(text: string): boolean }

/** What was printed, as far as rules look at it. */
export interface PrintedText {
  readonly STDOUT: string
  readonly STDERR: string
}

const MAX_LINE = 10_000

/** The verdict of the first rule that is found in a line; null: none is. Of a line the first 10,000 characters are looked at. */
export async function matchRules(
  rules: readonly VerdictRule[],
  text: PrintedText,
  compile: CompilePattern,
): Promise<Verdict | null> {
  for (const { pattern, stream, verdict } of rules) {
    const compiled = compile(pattern)
    for (const each of stream === undefined ? (['STDOUT', 'STDERR'] as const) : [stream]) {
      if (await isFound(compiled, text[each])) return verdict
    }
  }
  return null
}

async function isFound(pattern: ReturnType<CompilePattern>, text: string): Promise<boolean> {
  let found = false
  let rest = ''
  await inPieces(text, (piece) => {
    if (found) return
    const lines = (rest + piece).split('\n')
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    found = lines.some((line) => matches(pattern, line))
  })
  return found || (rest !== '' && matches(pattern, rest))
}

function matches(pattern: ReturnType<CompilePattern>, line: string): boolean {
  return pattern.test((line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, MAX_LINE))
}
