import { writeFile } from 'node:fs/promises'
import { UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import type { Run } from '../runs/run.js'
import type { Terminal } from '../terminal.js'
import { junitReport } from './junit-report.js'
import { isBad, readStackTrace, type ScriptResult } from './read-scripts.js'

/** Beyond that a report is long enough. */
const MOST_TRACES = 100

/** Writes the run as a JUnit XML report; `-` is stdout. Throws UsageFailure when the file cannot be written. */
export async function writeReport(
  api: Api,
  terminal: Terminal,
  run: Run,
  scripts: readonly ScriptResult[],
  file: string,
): Promise<void> {
  const traces = new Map<string, string>()
  for (const { taskKey } of scripts.filter(isBad).slice(0, MOST_TRACES)) {
    const trace = await readStackTrace(api, run.id, taskKey)
    if (trace !== null) traces.set(taskKey, trace)
  }
  const report = junitReport(run, scripts, traces)
  if (file === '-') return terminal.print(report.trimEnd())
  try {
    await writeFile(file, report)
  } catch (error) {
    throw new UsageFailure(`File ${file}: cannot be written (${(error as Error).message})`)
  }
}
