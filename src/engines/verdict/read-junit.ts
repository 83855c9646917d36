import { SaxesParser } from 'saxes'
import type { Verdict } from '../../domain/dag/verdict.js'
import { inPieces } from './in-pieces.js'
import { ReportError } from './report-error.js'

/** Elements inside each other; a report has five. */
const MAX_DEPTH = 100

/**
 * What a JUnit XML report comes to: FAIL if a case failed or had an error (or a suite counts some), PASS if none did and one
 * at least was run, else UNKNOWN. Entities are not expanded, no DTD is read. Throws ReportError for what is none.
 */
export async function readJunit(text: string): Promise<Verdict> {
  const report = new Report()
  const parser = new SaxesParser()
  parser.on('error', ({ message }) => {
    // Its words quote names of the report: only the place is passed on.
    throw new ReportError(`is no XML (${/^\d+:\d+/.exec(message)?.[0] ?? 'at its end'})`)
  })
  parser.on('opentag', ({ name, attributes }) => report.open(name, attributes))
  parser.on('closetag', ({ name }) => report.close(name))
  await inPieces(text, (piece) => parser.write(piece))
  parser.close()
  return report.verdict
}

class Report {
  #depth = 0
  #hasFailed = false
  #hasPassed = false
  /** Of the case that is open; null: none is. */
  #end: 'PASSED' | 'FAILED' | 'SKIPPED' | null = null

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new ReportError(`has more than ${MAX_DEPTH} elements inside each other`)
    if (this.#depth === 1 && name !== 'testsuites' && name !== 'testsuite') throw new ReportError('is no JUnit report')
    if (name === 'testsuites' || name === 'testsuite') {
      if (Number(attributes.failures) > 0 || Number(attributes.errors) > 0) this.#hasFailed = true
    } else if (name === 'testcase') this.#end = 'PASSED'
    else if (this.#end === null) return
    else if (name === 'failure' || name === 'error') this.#end = 'FAILED'
    else if (name === 'skipped' && this.#end === 'PASSED') this.#end = 'SKIPPED'
  }

  close(name: string): void {
    this.#depth -= 1
    if (name !== 'testcase') return
    if (this.#end === 'FAILED') this.#hasFailed = true
    if (this.#end === 'PASSED') this.#hasPassed = true
    this.#end = null
  }

  get verdict(): Verdict {
    if (this.#hasFailed) return 'FAIL'
    return this.#hasPassed ? 'PASS' : 'UNKNOWN'
  }
}
