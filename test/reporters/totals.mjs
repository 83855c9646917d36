import { appendFileSync } from 'node:fs'

/**
 * Ends the output with the totals alone on a line: `12 passed, 0 failed`, and `, 1 skipped` when any were.
 * A file that could not run counts as one failure. With DAGBOOK_TEST_TOTALS the line is appended to that file too,
 * so that several jest runs can be summed.
 */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
    // At exit, because jest puts its own summary after every other reporter.
    process.once('exit', () => process.stdout.write(line))
    if (process.env.DAGBOOK_TEST_TOTALS) appendFileSync(process.env.DAGBOOK_TEST_TOTALS, line)
  }
}
