import { printable } from '../output/printable.js'
import { statusColour } from '../output/status-colour.js'
import { type Column, printTable } from '../output/table.js'
import { duration, moment } from '../output/time.js'
import type { Terminal } from '../terminal.js'
import type { Instance } from './instances.js'
import type { Run, RunCounts, Usage } from './run.js'
import { waitText } from './waits.js'

/** The run in a few lines for people: name, status, times, counts, error, output. */
export function printRun(terminal: Terminal, run: Run): void {
  const dag = run.dag === null ? run.name : run.dag.name
  const version = run.dagVersion === null ? '' : ` version ${run.dagVersion.number}`
  const line = (label: string, text: string): void => terminal.print(`${label.padEnd(11)} ${text}`)
  line('run', run.id)
  line('of', printable(`${run.project.name}/${dag}${version}`))
  line('status', terminal.colour(statusColour(run.status), run.status))
  line('created', `${moment(run.createdAt)} (${run.trigger})`)
  if (run.startedAt !== null) line('started', moment(run.startedAt))
  if (run.endedAt !== null) line('ended', `${moment(run.endedAt)}, after ${duration(run.durationSeconds)}`)
  if (run.logicalDate !== null) line('for', moment(run.logicalDate))
  if (run.tags.length > 0) line('tags', printable(run.tags.join(', ')))
  if (Object.keys(run.parameters).length > 0) line('parameters', printable(JSON.stringify(run.parameters)))
  line('instances', countsText(run.counts))
  if (run.usage) line('used', usageText(run.usage))
  if (run.errorMessage !== null) line('error', printable(run.errorMessage))
  if (run.output !== null && run.output !== undefined)
    line('output', printable(JSON.stringify(run.output)).slice(0, 2_000))
}

/** `12.3s of cpu (85% of a core), 210.5 MB of memory at most (180.1 MB on average)`, as far as it is known. */
export function usageText({ cpuSeconds, averageCpuPercent, peakMemoryMb, averageMemoryMb }: Usage): string {
  const core = averageCpuPercent === null ? '' : ` (${averageCpuPercent.toFixed(0)}% of a core)`
  const average = averageMemoryMb === null ? '' : ` (${megabytes(averageMemoryMb)} on average)`
  return [
    cpuSeconds === null ? '' : `${duration(cpuSeconds)} of cpu${core}`,
    peakMemoryMb === null ? '' : `${megabytes(peakMemoryMb)} of memory at most${average}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function megabytes(amount: number): string {
  return `${amount.toFixed(1)} MB`
}

/** `12 of 20 ended: 11 succeeded, 1 failed; 3 running, 5 queued`. */
export function countsText(counts: RunCounts): string {
  const ended = listed(counts, ['succeeded', 'failed', 'errored', 'timedOut', 'canceled', 'skipped', 'upstreamFailed'])
  const going = listed(counts, ['running', 'queued', 'pending', 'unknown'])
  const parts = [ended, going].filter((part) => part !== '')
  return `${counts.completed} of ${counts.total} ended${parts.length > 0 ? `: ${parts.join('; ')}` : ''}`
}

function listed(counts: RunCounts, names: readonly (keyof RunCounts)[]): string {
  return names
    .filter((name) => counts[name] > 0)
    .map((name) => `${counts[name]} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ')
}

const VERDICT: Column<Instance> = { head: 'VERDICT', cell: (row) => (row.verdict === 'UNKNOWN' ? null : row.verdict) }

const COLUMNS = (terminal: Terminal, isJudged: boolean): readonly Column<Instance>[] => [
  { head: 'TASK', cell: (row) => row.taskKey },
  {
    head: 'STATUS',
    cell: (row) => row.status,
    paint: (text, row) => terminal.colour(statusColour(row.status), text),
  },
  ...(isJudged ? [VERDICT] : []),
  { head: 'ATTEMPTS', cell: (row) => row.attempts.length, align: 'right' },
  { head: 'EXIT', cell: (row) => row.exitCode, align: 'right' },
  { head: 'MACHINE', cell: (row) => row.machine?.name },
  { head: 'STARTED', cell: (row) => moment(row.startedAt) },
  { head: 'DURATION', cell: (row) => duration(row.durationSeconds), align: 'right' },
  { head: 'CPU', cell: (row) => duration(row.usage?.cpuSeconds ?? null), align: 'right' },
  { head: 'MEMORY', cell: (row) => memoryOf(row.usage), align: 'right' },
  { head: 'ERROR, OR WHAT IT WAITS FOR', cell: whyOf },
]

function memoryOf(usage: Usage | null): string {
  return typeof usage?.peakMemoryMb === 'number' ? megabytes(usage.peakMemoryMb) : '-'
}

function whyOf({ errorMessage, waitReasons }: Instance): string {
  return (waitReasons.length > 0 ? waitText(waitReasons) : (errorMessage ?? '')).slice(0, 120)
}

/** The instances as a table. */
export function printInstances(terminal: Terminal, instances: readonly Instance[]): void {
  const isJudged = instances.some(({ verdict }) => verdict !== 'UNKNOWN')
  printTable(terminal, COLUMNS(terminal, isJudged), instances, 'The run has no instances.')
}
