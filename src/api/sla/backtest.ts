import { inTurns } from '../../commands/in-turns.js'
import { type Replayed, rateChanges, replayRun, replayTask } from '../../definitions/sla-replay.js'
import type { SlaRule } from '../../definitions/sla-rule.js'
import type { Reader } from '../../projections/list.js'
import { findPastEnds } from '../../projections/sla/past-ends.js'
import { findPastRuns, type PastRuns } from '../../projections/sla/past-runs.js'
import { findPastTasks } from '../../projections/sla/past-tasks.js'

/** That something would have broken an SLA; both null: a rate. */
export interface PastBreach extends Replayed {
  readonly runId: string | null
  readonly instanceId: string | null
}

export interface Backtested {
  readonly subjectCount: number
  readonly isCutOff: boolean
  /** The newest first. */
  readonly breaches: readonly PastBreach[]
}

/** The scope of an SLA and the time that is asked about. */
export type Past = PastRuns & { readonly taskKey: string | null }

interface Means {
  readonly db: Reader
  readonly rule: SlaRule
  readonly past: Past
  readonly now: Date
  readonly deadlineMs: number
}

const MAX_RUNS = 1_000
/** Most of them are far from breaking anything, which is soon seen. */
const MAX_TASKS = 10_000
const MAX_ENDS = 10_000

/** What would have broken the rule in that time; null: it takes longer than the deadline. Of queues, pools and machines nothing is kept. */
export const BACKTESTS: { readonly [subject: string]: (means: Means) => Promise<Backtested | null> } = {
  async RUN({ db, rule, past, now, deadlineMs }) {
    const found = await findPastRuns(db, past, MAX_RUNS + 1)
    return replayed(found, MAX_RUNS, deadlineMs, async (run) => {
      const held = await replayRun(rule, run, now.getTime())
      return held === null ? null : { ...held, runId: run.id, instanceId: null }
    })
  },

  async TASK({ db, rule, past, now, deadlineMs }) {
    const found = await findPastTasks(db, past, MAX_TASKS + 1)
    return replayed(found, MAX_TASKS, deadlineMs, async ({ id, run, ...task }) => {
      const held = await replayTask(rule, task, run, now.getTime())
      return held === null ? null : { ...held, runId: run.id, instanceId: id }
    })
  },

  /** A rate breaks it each time when it comes to hold. */
  async SCOPE({ db, rule, past, deadlineMs }) {
    const longestMs = Math.max(...rule.comparisons.map(({ params }) => Number(params?.windowSeconds) * 1_000))
    const since = new Date(past.from.getTime() - longestMs)
    const found = await findPastEnds(db, { ...past, from: since }, MAX_ENDS + 1)
    const isCutOff = found.length > MAX_ENDS
    // Where older ones are left out, a window is whole only so much later.
    const from = isCutOff ? new Date((found[0]?.endedAt.getTime() ?? 0) + longestMs) : past.from
    const breaches: PastBreach[] = []
    let isBroken = false
    const isDone = await inTurns(rateChanges(rule, found, from, past.to), deadlineMs, async (change) => {
      const holds = await rule.holds(change.facts)
      if (holds && !isBroken) breaches.push({ ...change, runId: null, instanceId: null })
      isBroken = holds
    })
    return isDone ? { subjectCount: Math.min(found.length, MAX_ENDS), isCutOff, breaches: breaches.reverse() } : null
  },
}

async function replayed<Subject>(
  found: readonly Subject[],
  limit: number,
  deadlineMs: number,
  replay: (subject: Subject) => Promise<PastBreach | null>,
): Promise<Backtested | null> {
  const subjects = found.slice(0, limit)
  const breaches: PastBreach[] = []
  const isDone = await inTurns(subjects, deadlineMs, async (subject) => {
    const breach = await replay(subject)
    if (breach !== null) breaches.push(breach)
  })
  return isDone ? { subjectCount: subjects.length, isCutOff: found.length > limit, breaches } : null
}
