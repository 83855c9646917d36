import { printable } from '../output/printable.js'
import { statusColour } from '../output/status-colour.js'
import { duration } from '../output/time.js'
import { hasEnded } from '../runs/run.js'
import { hasInstanceEnded } from '../runs/run-watcher.js'
import type { Terminal } from '../terminal.js'
import type { Board } from './board.js'

interface HeadOptions {
  readonly width: number
  readonly now: number
  readonly colour: Terminal['colour']
}

/** Who runs, how far it is, and how long it may take: three lines. */
export function headLines(board: Board, options: HeadOptions): string[] {
  return [titleLine(board, options), barLine(board, options), options.colour('gray', forecastText(board, options.now))]
}

function titleLine(board: Board, { now, colour }: HeadOptions): string {
  const { run, status } = board.state
  if (run === undefined) return ''
  const version = run.dagVersion === null ? '' : ` version ${run.dagVersion.number}`
  const name = printable(`${run.project.name}/${run.dag?.name ?? run.name}${version}`)
  const since = run.startedAt === null ? null : Math.max(0, now - Date.parse(run.startedAt)) / 1_000
  const time = run.durationSeconds ?? since
  const painted = colour(statusColour(status), status)
  return `${colour('bold', name)}  ${run.id}  ${painted}${time === null ? '' : `  ${duration(time)}`}`
}

const SAID: readonly (readonly [string, readonly string[]])[] = [
  ['succeeded', ['SUCCEEDED']],
  ['failed', ['FAILED', 'ERRORED', 'TIMED_OUT', 'UPSTREAM_FAILED']],
  ['canceled', ['CANCELED']],
  ['skipped', ['SKIPPED']],
  ['running', ['RUNNING', 'DISPATCHED', 'CANCELING']],
  ['queued', ['QUEUED']],
  ['waiting to try again', ['RETRY_WAIT']],
  ['unknown', ['UNKNOWN']],
  ['pending', ['PENDING']],
]

function barLine(board: Board, { width, colour }: HeadOptions): string {
  const { keys } = board.plan
  const counts = board.countsOf(keys)
  const of = (statuses: readonly string[]): number => statuses.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0)
  const ended = of([...counts.keys()].filter(hasInstanceEnded))
  const cells = Math.max(5, Math.min(30, width - 60))
  const share = keys.length === 0 ? 0 : ended / keys.length
  // A bar is full when all is done and not before.
  const full = share === 1 ? cells : Math.floor(share * cells)
  const isBad = of(['FAILED', 'ERRORED', 'TIMED_OUT', 'UPSTREAM_FAILED']) > 0
  const bar = `${colour(isBad ? 'red' : 'green', '█'.repeat(full))}${colour('gray', '░'.repeat(cells - full))}`
  const parts = SAID.map(([word, statuses]) => [word, of(statuses)] as const).filter(([, count]) => count > 0)
  return `${bar} ${ended} of ${keys.length}: ${parts.map(([word, count]) => `${count} ${word}`).join(', ')}`
}

function forecastText(board: Board, now: number): string {
  const { status, usual } = board.state
  if (hasEnded(status)) return 'The run has ended.'
  if (status === 'PAUSED') return 'Paused: nothing new is started.'
  if (status === 'CANCELING') return 'It is being canceled.'
  const remaining = board.remainingAt(now)
  if (remaining !== null) return `Forecast: ${leftText(remaining, false)} left, as these scripts took before`
  if (usual === undefined) return 'Forecast: looking for earlier runs'
  const found = board.forecast(now)
  if (found === undefined) return `No forecast: ${noneOf(board)}.`
  const unknown = found.unknown > 0 ? `; of ${found.unknown} tasks nothing is known` : ''
  const overdue = found.overdue > 0 ? `; ${found.overdue} longer than usual` : ''
  const runs = usual.runs === 1 ? 'the last run' : `the last ${usual.runs} runs`
  // What runs for longer than usual may end now or go on for long; the rest of the run takes so long after it.
  const isLeast = found.unknown > 0 || found.overdue > 0
  return `Forecast: ${leftText(found.seconds, isLeast)} left, as in ${runs}${unknown}${overdue}`
}

function leftText(seconds: number, isLeast: boolean): string {
  if (seconds < 1 && !isLeast) return 'less than a second'
  return `${isLeast ? 'at least' : 'about'} ${duration(seconds)}`
}

function noneOf(board: Board): string {
  return board.state.run?.dag ? 'no earlier run of this DAG succeeded' : 'none of its scripts succeeded before'
}
