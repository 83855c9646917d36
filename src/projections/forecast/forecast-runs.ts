import { criticalPath } from '../../domain/run/critical-path.js'
import { expectedSeconds } from '../../domain/run/expected-seconds.js'
import { type ForecastTimes, playOut, secondsLeft } from '../../domain/run/forecast.js'
import type { Reader } from '../list.js'
import type { RunRow } from '../run/run-row.js'
import { type Progress, readProgress } from './read-progress.js'
import { readSlots, type Slots } from './read-slots.js'
import { readUsualOfDags, readUsualOfScripts, usualName } from './read-usual.js'

export interface RunForecast {
  /** Null: it does not run, or nothing is known of how long any of its tasks takes. */
  readonly remainingSeconds: number | null
  /** Instances, from the first to the last; the last 1,000. */
  readonly criticalPath: readonly string[]
}

const MAX_PATH = 1_000
const NO_SLOTS: Slots = { machines: [], heldBy: new Map() }

/**
 * What is left of each of the runs, and the path that determines their end, by run id: by the times that were, and for what
 * is to come by the medians of what succeeded before. A fixed number of statements, however many runs.
 */
export async function forecastRuns(db: Reader, runs: readonly RunRow[], now: Date): Promise<Map<string, RunForecast>> {
  const open = runs.filter(({ endedAt }) => endedAt === null)
  const idsOf = (some: readonly RunRow[]) => some.map(({ id }) => id)
  const [progress, slots] = await Promise.all([
    readProgress(db, idsOf(runs)),
    open.length === 0 ? NO_SLOTS : readSlots(db, idsOf(open)),
  ])
  const usualOf = await usualSeconds(db, open, progress)
  return new Map(runs.map((run) => [run.id, forecastOf(run, progress.get(run.id) ?? [], slots, usualOf, now)]))
}

type UsualOf = (run: RunRow, task: Progress) => number | null

/** DAGs by their tasks' keys, what belongs to none by its scripts. */
async function usualSeconds(
  db: Reader,
  runs: readonly RunRow[],
  progress: ReadonlyMap<string, readonly Progress[]>,
): Promise<UsualOf> {
  const dags = new Map<string, number>()
  const scripts: { projectId: string; path: string }[] = []
  for (const { id, dagId, projectId } of runs) {
    const tasks = progress.get(id) ?? []
    if (dagId !== null) dags.set(dagId, Math.max(tasks.length, dags.get(dagId) ?? 0))
    else for (const { scriptPath: path } of tasks) if (path !== null) scripts.push({ projectId, path })
  }
  const without = runs.map(({ id }) => id)
  const [ofDags, ofScripts] = await Promise.all([readUsualOfDags(db, dags), readUsualOfScripts(db, scripts, without)])
  return ({ dagId, projectId }, { taskKey, scriptPath }) => {
    if (dagId !== null) return ofDags.of(dagId, usualName(taskKey))
    return scriptPath === null ? null : ofScripts.of(projectId, scriptPath)
  }
}

function forecastOf(run: RunRow, tasks: readonly Progress[], slots: Slots, usualOf: UsualOf, now: Date): RunForecast {
  const secondsAt = (moment: Date | null) =>
    moment === null ? null : Math.min(0, (moment.getTime() - now.getTime()) / 1_000)
  const isOpen = run.endedAt === null
  const expected = expectedSeconds(
    tasks.map((task) => {
      const isAsked = isOpen && !task.isGroup
      return { usual: isAsked ? usualOf(run, task) : null, taken: isAsked ? takenBy(task) : null }
    }),
  )
  const times = playOut(
    tasks.map(({ needs, isGroup, takesSlot, startedAt, endedAt }, at) => {
      const moments = { startedAt: secondsAt(startedAt), endedAt: secondsAt(endedAt) }
      return { needs, takesSlot, expected: isGroup ? 0 : (expected?.[at] ?? 1), ...moments }
    }),
    { parallel: run.maxParallel ?? Number.POSITIVE_INFINITY, slots: slotsOf(run, tasks, slots) },
  )
  const isKnown = run.status === 'RUNNING' && expected !== null
  return { remainingSeconds: isKnown ? secondsLeft(times) : null, criticalPath: pathOf(run, tasks, times) }
}

function takenBy({ hasSucceeded, startedAt, endedAt }: Progress): number | null {
  if (!hasSucceeded || startedAt === null || endedAt === null) return null
  return (endedAt.getTime() - startedAt.getTime()) / 1_000
}

/** Those that it holds, and those that are free on the machines that it may use: where all its tasks name theirs, on these. */
function slotsOf({ id, projectId }: RunRow, tasks: readonly Progress[], { machines, heldBy }: Slots): number {
  const named = new Set(tasks.filter(({ takesSlot }) => takesSlot).map(({ machine }) => machine))
  return machines
    .filter(({ projectIds }) => projectIds.length === 0 || projectIds.includes(projectId))
    .filter(({ name }) => named.has(null) || named.has(name))
    .reduce((sum, { free }) => sum + free, heldBy.get(id) ?? 0)
}

function pathOf({ maxParallel }: RunRow, tasks: readonly Progress[], times: readonly ForecastTimes[]): string[] {
  const needs = tasks.map((task) => task.needs)
  const path = criticalPath(needs, times, maxParallel !== null).slice(-MAX_PATH)
  return path.map((at) => (tasks[at] as Progress).instanceId)
}
