import type { JsonObject } from '../domain/json.js'
import { deadlineAfter } from './sla-facts.js'
import type { SlaRule } from './sla-rule.js'
import { type RunTimes, runFacts } from './sla-subject-facts.js'

/** When conditions over runs would first have held for a run, and the facts by then; null: never. */
export async function replayRun(
  rule: SlaRule,
  run: RunTimes,
  now: number,
): Promise<{ readonly at: Date; readonly facts: JsonObject } | null> {
  const from = run.createdAt.getTime()
  const end = run.endedAt?.getTime() ?? now
  const moments = [...turningPoints(rule, run), from, end].filter((at) => at >= from && at <= end)
  for (const at of [...new Set(moments)].sort((a, b) => a - b)) {
    const facts = runFacts(asOf(run, at), at, rule.comparisons)
    if (await rule.holds(facts)) return { at: new Date(at), facts }
  }
  return null
}

/** Between two of these nothing changes sides: facts of runs grow with the time, and a status changes with the start and the end. */
function turningPoints({ comparisons }: SlaRule, run: RunTimes): number[] {
  const started = run.startedAt?.getTime() ?? null
  const scheduled = (run.logicalDate ?? run.createdAt).getTime()
  const points = started === null ? [] : [started]
  for (const { fact, value, params } of comparisons) {
    if (typeof value !== 'number') continue
    const begins = beginOf(fact, started, scheduled, params)
    // What is to be greater is so a millisecond later.
    if (begins !== null) points.push(...[0, 1].map((more) => Math.ceil(begins + value * 1_000) + more))
  }
  return points
}

function beginOf(
  fact: string,
  started: number | null,
  scheduled: number,
  params: JsonObject | undefined,
): number | null {
  if (fact === 'runDurationSeconds') return started
  if (fact === 'sinceScheduledSeconds') return scheduled
  const { time, timezone } = (params ?? {}) as { time: string; timezone: string }
  return fact === 'secondsPastDeadline' ? deadlineAfter(scheduled, time, timezone) : null
}

/** The run as it was then, as far as its times tell: that it was paused or canceling meanwhile they do not. */
function asOf(run: RunTimes, at: number): RunTimes {
  if (run.endedAt !== null && at >= run.endedAt.getTime()) return run
  const hasStarted = run.startedAt !== null && at >= run.startedAt.getTime()
  return {
    ...run,
    endedAt: null,
    startedAt: hasStarted ? run.startedAt : null,
    status: hasStarted ? 'RUNNING' : 'QUEUED',
  }
}
