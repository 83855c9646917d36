import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const LONGEST_CAUSE = 600

/**
 * Ends the output with every failure on a line of its own, for whoever sees only the end of it, and with the totals alone
 * on the last: `12 passed, 0 failed`, and `, 1 skipped` when any were. A file that could not run, or left something open,
 * counts as one failure if none of its tests does.
 * With DAGBOOK_TEST_TOTALS the totals are appended to that file too, so that several jest runs can be summed.
 */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError && file.numFailingTests === 0)
    const failed = results.numFailedTests + broken.length
    const skipped = results.numPendingTests + results.numTodoTests
    const totals = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`
    const lines = results.testResults.flatMap(failures).map((line) => `${line}\n`)
    // At exit, because jest puts its own summary after every other reporter.
    process.once('exit', () => process.stdout.write(lines.join('') + totals))
    if (process.env.DAGBOOK_TEST_TOTALS) appendFileSync(process.env.DAGBOOK_TEST_TOTALS, totals)
  }
}

function failures({ testFilePath, testExecError, failureMessage, testResults }) {
  const file = path.relative(process.cwd(), testFilePath)
  const failed = testResults.filter(({ status }) => status === 'failed')
  const lines = failed.map(
    ({ fullName, failureMessages }) => `FAILED ${file}: ${fullName}: ${cause(failureMessages[0])}`,
  )
  return testExecError ? [`FAILED ${file}: ${cause(testExecError.message || failureMessage)}`, ...lines] : lines
}

function cause(message = '') {
  const words = stripVTControlCharacters(message).replaceAll(/^ +at .*$/gm, '')
  return words.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_CAUSE)
}
