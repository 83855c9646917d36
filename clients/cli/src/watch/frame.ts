import cliTruncate from 'cli-truncate'
import { printable } from '../output/printable.js'
import { statusColour } from '../output/status-colour.js'
import { duration } from '../output/time.js'
import { FAILED_STATUSES, type InstanceProgress, MOVING_STATUSES } from '../runs/run-watcher.js'
import type { Terminal } from '../terminal.js'
import { type Board, elapsedSeconds } from './board.js'
import { headLines } from './frame-head.js'
import { SHOWN_STATUSES, symbolOf } from './symbols.js'

/** How a frame is to look. */
export interface FrameOptions {
  readonly width: number
  readonly height: number
  /** The server's time, in ms. */
  readonly now: number
  readonly colour: Terminal['colour']
}

/**
 * The run as lines that fit the terminal: the head, then the levels with all of their tasks, or, where these are too
 * many, levels with counts, what has failed and what is running. Never more than `height` lines, none wider than `width`.
 */
export function frameLines(board: Board, options: FrameOptions): string[] {
  const head = headLines(board, options)
  const room = options.height - head.length
  const lines = [...head, ...(fullTree(board, options, room) ?? shortTree(board, options, room))]
  return lines.slice(0, Math.max(1, options.height)).map((line) => cliTruncate(line, options.width))
}

/** undefined: it does not fit. */
function fullTree(board: Board, options: FrameOptions, room: number): string[] | undefined {
  const { levels, keys } = board.plan
  if (keys.length + levels.length > room) return undefined
  return levels.flatMap((level, depth) => [
    levelLine(board, [depth, depth], level, options),
    ...level.map((key, at) => taskLine(board, key, at === level.length - 1, options)),
  ])
}

/** Levels that are wholly over, or wholly to come, are one line as soon as there are too many. */
function shortTree(board: Board, options: FrameOptions, room: number): string[] {
  const { levels } = board.plan
  const groups =
    levels.length > room / 2 ? grouped(board) : levels.map((keys, depth) => ({ from: depth, to: depth, keys }))
  let space = Math.max(0, room - groups.length)
  const shown = groups.map(({ from, to, keys }) => {
    const remarkable = remarkableOf(board, keys)
    const fitting = remarkable.slice(0, space)
    const more = remarkable.length - fitting.length
    if (more > 0 && fitting.length > 0) fitting.pop()
    const hidden = remarkable.length - fitting.length
    const note = hidden > 0 && fitting.length < space ? [`└─ ${hidden} more failed or running`] : []
    space -= fitting.length + note.length
    const lines = fitting.map((key, at) =>
      taskLine(board, key, at === fitting.length - 1 && note.length === 0, options),
    )
    return [levelLine(board, [from, to], keys, options), ...lines, ...note]
  })
  return shown.flat()
}

interface Group {
  from: number
  to: number
  keys: string[]
}

function grouped(board: Board): Group[] {
  const groups: (Group & { kind: string })[] = []
  board.plan.levels.forEach((keys, depth) => {
    const kind = kindOf(board, keys)
    const last = groups.at(-1)
    if (last !== undefined && kind !== 'mixed' && last.kind === kind) {
      last.to = depth
      last.keys.push(...keys)
    } else groups.push({ from: depth, to: depth, keys: [...keys], kind })
  })
  return groups
}

function kindOf(board: Board, keys: readonly string[]): string {
  const [status = 'mixed', ...others] = board.countsOf(keys).keys()
  return others.length === 0 ? status : 'mixed'
}

function remarkableOf(board: Board, keys: readonly string[]): string[] {
  const having = (statuses: readonly string[]): string[] =>
    keys.filter((key) => statuses.includes(board.task(key).status))
  return [...having(FAILED_STATUSES), ...having(MOVING_STATUSES)]
}

function levelLine(
  board: Board,
  [from, to]: readonly [number, number],
  keys: readonly string[],
  { colour }: FrameOptions,
): string {
  const counts = board.countsOf(keys)
  const parts = SHOWN_STATUSES.filter((status) => counts.has(status)).map((status) =>
    colour(statusColour(status), `${symbolOf(status)} ${counts.get(status)}`),
  )
  const name = from === to ? `level ${from + 1}` : `levels ${from + 1} to ${to + 1}`
  return `${colour('bold', name)}  ${keys.length === 1 ? '1 task' : `${keys.length} tasks`}  ${parts.join('  ')}`
}

function taskLine(board: Board, key: string, isLast: boolean, { now, colour }: FrameOptions): string {
  const task = board.task(key)
  const { status } = task
  const needs = board.plan.needs.get(key) ?? []
  const after =
    needs.length === 0
      ? ''
      : colour(
          'gray',
          `after ${printable(needs.slice(0, 5).join(', '))}${needs.length > 5 ? ` and ${needs.length - 5} more` : ''}`,
        )
  const wait = board.waitOf(key)
  const parts = [
    colour(statusColour(status), `${symbolOf(status)} ${printable(key)}`),
    wordOf(status) === '' ? '' : colour(statusColour(status), wordOf(status)),
    timing(task, now),
    task.attempts.length > 1 ? `attempt ${task.attempts.at(-1)?.number}` : '',
    task.exitCode ? `exit code ${task.exitCode}` : '',
    wait === '' ? '' : colour('gray', printable(wait)),
    after,
    task.errorMessage ? printable(task.errorMessage) : '',
  ]
  return `${isLast ? '└─' : '├─'} ${parts.filter((part) => part !== '').join('  ')}`
}

/** What the sign and the duration do not say. */
function wordOf(status: string): string {
  return ['SUCCEEDED', 'RUNNING', 'PENDING'].includes(status) ? '' : status.toLowerCase().replaceAll('_', ' ')
}

function timing(task: InstanceProgress, now: number): string {
  return task.startedAt === null && task.durationSeconds === null ? '' : duration(elapsedSeconds(task, now))
}
