import { Parser } from 'tap-parser'
import type { Verdict } from '../../domain/dag/verdict.js'
import { inPieces } from './in-pieces.js'
import { ReportError } from './report-error.js'

/** What a verdict needs: results, the plan and a bail-out of the outermost level. Subtests count by their summary's line. */
const TAP_LINE = /^(?:not ok\b|ok\b|1\.\.\d+|Bail out!)/
const MAX_LINE = 1_000

/**
 * What TAP comes to: FAIL if a test failed that is no TODO, the plan was not kept or the tests bailed out; PASS if none of
 * it and one at least was run; else UNKNOWN. Lines that are no TAP are passed over. Throws ReportError where there is no
 * TAP at all.
 */
export async function readTap(text: string): Promise<Verdict> {
  const parser = new Parser()
  let found = 0
  let rest = ''
  const take = (lines: readonly string[]) => {
    for (const line of lines) {
      if (!TAP_LINE.test(line)) continue
      found += 1
      parser.write(`${line.slice(0, MAX_LINE).trimEnd()}\n`)
    }
  }
  await inPieces(text, (piece) => {
    const lines = (rest + piece).split('\n')
    // Of a line without an end only the beginning matters.
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    take(lines)
  })
  take([rest])
  if (found === 0) throw new ReportError('has no TAP in it')
  parser.end()
  const { results } = parser
  if (results === null) throw new ReportError('has no TAP in it')
  if (!results.ok) return 'FAIL'
  return results.pass - results.skip > 0 ? 'PASS' : 'UNKNOWN'
}
