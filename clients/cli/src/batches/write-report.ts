import { writeFile } from 'node:fs/promises'
import { UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import type { Run } from '../runs/run.js'
import type { Terminal } from '../terminal.js'
import { junitReport } from './junit-report.js'
import { isBad, readStackTrace, type ScriptResult } from './read-scripts.js'

/** Beyond that a report is long enough. */
const MOST_TRACES = 100
const AT_A_TIME = 10

/** Writes the run as a JUnit XML report; `-` is stdout. Throws UsageFailure when the file cannot be written. */
export async function writeReport(
  api: Api,
  terminal: Terminal,
  run: Run,
  scripts: readonly ScriptResult[],
  file: string,
): Promise<void> {
  const bad = scripts.filter(isBad).slice(0, MOST_TRACES)
  const traces = new Map<string, string>()
  for (let at = 0; at < bad.length; at += AT_A_TIME) {
    const part = bad.slice(at, at + AT_A_TIME)
    const found = await Promise.all(part.map(({ taskKey }) => readStackTrace(api, run.id, taskKey)))
    found.forEach((trace, index) => {
      if (trace !== null) traces.set(part[index]?.taskKey as string, trace)
    })
  }
  const report = junitReport(run, scripts, traces)
  if (file === '-') return terminal.print(report.trimEnd())
  try {
    await writeFile(file, report)
  } catch (error) {
    throw new UsageFailure(`File ${file}: cannot be written (${(error as Error).message})`)
  }
}
