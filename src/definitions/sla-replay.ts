import type { JsonObject } from '../domain/json.js'
import { deadlineAfter, factKey } from './sla-facts.js'
import type { SlaRule } from './sla-rule.js'
import { type RunTimes, runFacts, type TaskTimes, taskFacts } from './sla-subject-facts.js'

/** That conditions held, from when on, and the facts by which they did. */
export interface Replayed {
  readonly at: Date
  readonly facts: JsonObject
}

/** When conditions over runs would first have held for a run, and the facts by then; null: never. */
export function replayRun(rule: SlaRule, run: RunTimes, now: number): Promise<Replayed | null> {
  const from = run.createdAt.getTime()
  const end = run.endedAt?.getTime() ?? now
  const moments = within(from, end, runPoints(rule, run))
  return firstHolding(rule, moments, (at) => runFacts(asOf(run, at), at, rule.comparisons))
}

/** Of an instance, what is kept of its waiting and running. */
export interface PastTask {
  /** When it was queued last; null: never. */
  readonly queuedAt: Date | null
  readonly endedAt: Date | null
  readonly attempts: readonly PastAttempt[]
}

export interface PastAttempt {
  readonly dispatchedAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

/** As `replayRun`, of conditions over tasks for an instance: while it waited in its queue last, and while it held capacity. */
export async function replayTask(rule: SlaRule, task: PastTask, run: RunTimes, now: number): Promise<Replayed | null> {
  const ofRun = runPoints(rule, run)
  for (const phase of phasesOf(task, now)) {
    const moments = within(phase.from, phase.end, [...ofRun, ...taskPoints(rule, phase)])
    const held = await firstHolding(rule, moments, (at) => ({
      ...taskFacts(phase, at, rule.comparisons),
      // A task is not watched beyond the end of its run.
      ...runFacts(asOf({ ...run, endedAt: null }, at), at, rule.comparisons),
    }))
    if (held !== null) return held
  }
  return null
}

/** A run that ended, for a rate. */
export interface PastEnd {
  readonly endedAt: Date
  readonly isFailed: boolean
}

/**
 * When the rates of those that ended changed in the time, in order, with the facts from then on. `ends`: by time, from the
 * longest window before `from` on.
 */
export function* rateChanges(rule: SlaRule, ends: readonly PastEnd[], from: Date, to: Date): Generator<Replayed> {
  const windows = new Map(rule.comparisons.map(({ params }) => [Number(params?.windowSeconds), new Window()]))
  const points = [from.getTime()]
  for (const { endedAt } of ends) {
    const at = endedAt.getTime()
    // Still counted when the window ends, no longer a millisecond later.
    points.push(at, ...[...windows.keys()].map((seconds) => at + seconds * 1_000 + 1))
  }
  for (const at of within(from.getTime(), to.getTime() - 1, points)) {
    const facts: JsonObject = {}
    for (const [seconds, window] of windows) window.slide(ends, at - seconds * 1_000, at)
    for (const { fact, params } of rule.comparisons) {
      const { ended, failed } = windows.get(Number(params?.windowSeconds)) as Window
      facts[factKey(fact, params)] = fact === 'endedRuns' ? ended : ended === 0 ? 0 : failed / ended
    }
    yield { at: new Date(at), facts }
  }
}

/** Counts those that ended from one moment to another, both of which only move on. */
class Window {
  ended = 0
  failed = 0
  #first = 0
  #next = 0

  slide(ends: readonly PastEnd[], since: number, upTo: number): void {
    while (timeOf(ends[this.#next]) <= upTo) this.#count(ends[this.#next++], 1)
    while (this.#first < this.#next && timeOf(ends[this.#first]) < since) this.#count(ends[this.#first++], -1)
  }

  #count(end: PastEnd | undefined, by: number): void {
    this.ended += by
    if (end?.isFailed) this.failed += by
  }
}

function timeOf(end: PastEnd | undefined): number {
  return end?.endedAt.getTime() ?? Number.POSITIVE_INFINITY
}

async function firstHolding(
  rule: SlaRule,
  moments: readonly number[],
  factsAt: (at: number) => JsonObject,
): Promise<Replayed | null> {
  for (const at of moments) {
    const facts = factsAt(at)
    if (await rule.holds(facts)) return { at: new Date(at), facts }
  }
  return null
}

/** Each once, in order, those at both ends too. */
function within(from: number, end: number, points: readonly number[]): number[] {
  return [...new Set([...points, from, end])].filter((at) => at >= from && at <= end).sort((a, b) => a - b)
}

/** A time in which an instance did nothing but wait in a queue, be dispatched, or run. */
interface Phase extends TaskTimes {
  readonly from: number
  readonly end: number
}

function phasesOf({ queuedAt, endedAt, attempts }: PastTask, now: number): Phase[] {
  const phases = attempts.flatMap((attempt): Phase[] => {
    const [from, started] = [attempt.dispatchedAt.getTime(), attempt.startedAt?.getTime() ?? null]
    const end = (attempt.endedAt ?? endedAt)?.getTime() ?? now
    const before: Phase = { from, end: started ?? end, queuedAt: null, startedAt: null }
    return started === null ? [before] : [before, { from: started, end, queuedAt: null, startedAt: attempt.startedAt }]
  })
  if (queuedAt === null) return phases
  const from = queuedAt.getTime()
  const next = attempts.find(({ dispatchedAt }) => dispatchedAt.getTime() >= from)
  const end = (next?.dispatchedAt ?? endedAt)?.getTime() ?? now
  return [...phases, { from, end, queuedAt, startedAt: null }].sort((a, b) => a.from - b.from || a.end - b.end)
}

/** Between two of these nothing of a run changes sides: facts grow with the time, and a status changes with the start and the end. */
function runPoints({ comparisons }: SlaRule, run: RunTimes): number[] {
  const started = run.startedAt?.getTime() ?? null
  const scheduled = (run.logicalDate ?? run.createdAt).getTime()
  const points = started === null ? [] : [started]
  for (const { fact, value, params } of comparisons) {
    points.push(...crossings(beginOf(fact, started, scheduled, params), value))
  }
  return points
}

/** The same of a phase of a task. */
function taskPoints({ comparisons }: SlaRule, { queuedAt, startedAt }: TaskTimes): number[] {
  const begins: Record<string, Date | null> = { queueWaitSeconds: queuedAt, taskDurationSeconds: startedAt }
  return comparisons.flatMap(({ fact, value }) => crossings(begins[fact]?.getTime() ?? null, value))
}

/** When what has grown since `begin` comes to the value; what is to be greater is so a millisecond later. */
function crossings(begin: number | null, value: unknown): number[] {
  if (begin === null || typeof value !== 'number') return []
  const at = Math.ceil(begin + value * 1_000)
  return [at, at + 1]
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
