import type { SlaConditions } from '../definitions/sla-conditions.js'
import { factKey } from '../definitions/sla-facts.js'
import { SlaRule } from '../definitions/sla-rule.js'
import { runFacts, taskFacts } from '../definitions/sla-subject-facts.js'
import type { JsonObject } from '../domain/json.js'
import type { Reader } from '../projections/list.js'
import {
  type CapacitySubject,
  machineSubjects,
  poolSubjects,
  queueSubjects,
} from '../projections/sla/capacity-subjects.js'
import { findRates, findRunSubjects, MAX_SUBJECTS, type RunsWanted } from '../projections/sla/run-subjects.js'
import type { SlaRow } from '../projections/sla/slas.js'
import { findTaskSubjects, type TasksWanted } from '../projections/sla/task-subjects.js'

/** An SLA with its conditions ready to be evaluated. */
export interface Watched {
  readonly sla: SlaRow
  readonly rule: SlaRule
}

/** Something that may break an SLA, with the facts that the SLA compares. */
export interface Subject {
  readonly slaId: string
  readonly subjectId: string
  readonly runId: string | null
  readonly instanceId: string | null
  readonly facts: JsonObject
}

/** How long the status of an ended run is looked at. */
const ENDED_MS = 300_000

/** Conditions as they are stored, which were checked when they were. */
export function watchedOf(sla: SlaRow): Watched {
  return { sla, rule: new SlaRule(sla.conditions as unknown as SlaConditions) }
}

/** Everything that may break one of the SLAs now, in a number of statements that does not grow with them. */
export async function findSubjects(db: Reader, watched: readonly Watched[], now: Date): Promise<Subject[]> {
  const of = (subject: SlaRule['subject']) => watched.filter(({ rule }) => rule.subject === subject)
  const parts = await Promise.all([
    runSubjects(db, of('RUN'), now),
    taskSubjects(db, of('TASK'), now),
    rateSubjects(db, of('SCOPE'), now),
    capacity(
      of('QUEUE'),
      () => queueSubjects(db, now),
      ({ sla }, { id }) => fits(sla.queueId, id),
    ),
    capacity(
      of('POOL'),
      () => poolSubjects(db),
      ({ sla }, { id }) => fits(sla.poolId, id),
    ),
    capacity(
      of('MACHINE'),
      () => machineSubjects(db, now),
      ({ sla }, { poolId }) => fits(sla.poolId, poolId),
    ),
  ])
  return parts.flat()
}

/** Whether so many were found of the SLA that there may be more; queues, pools and machines are all looked at. */
export function isCutOff({ rule }: Watched, found: number): boolean {
  return (rule.subject === 'RUN' || rule.subject === 'TASK') && found >= MAX_SUBJECTS
}

function fits(wanted: string | null, given: string | null): boolean {
  return wanted === null || wanted === given
}

/** A fact that has to be at least so many seconds has begun by then; null: it has no such bound. */
function begunBy({ rule }: Watched, fact: string, now: Date): Date | null {
  const bound = rule.bounds.get(fact)
  return bound === undefined || bound <= 0 ? null : new Date(now.getTime() - bound * 1_000)
}

async function runSubjects(db: Reader, watched: readonly Watched[], now: Date): Promise<Subject[]> {
  if (watched.length === 0) return []
  const wanted = watched.map((each): RunsWanted => {
    const { sla, rule } = each
    const lately = Math.max(now.getTime() - ENDED_MS, sla.updatedAt.getTime())
    return {
      slaId: sla.id,
      projectId: sla.projectId,
      dagId: sla.dagId,
      startedBy: begunBy(each, 'runDurationSeconds', now),
      scheduledBy: begunBy(each, 'sinceScheduledSeconds', now),
      endedSince: rule.uses('runStatus') ? new Date(lately) : null,
    }
  })
  const rules = rulesById(watched)
  const runs = await findRunSubjects(db, wanted)
  return runs.map((run) => {
    const facts = runFacts(run, now.getTime(), rules.get(run.slaId)?.comparisons ?? [])
    return { slaId: run.slaId, subjectId: run.id, runId: run.id, instanceId: null, facts }
  })
}

async function taskSubjects(db: Reader, watched: readonly Watched[], now: Date): Promise<Subject[]> {
  if (watched.length === 0) return []
  const wanted = watched.map((each): TasksWanted => {
    const { sla, rule } = each
    const queuedBy = begunBy(each, 'queueWaitSeconds', now)
    const startedBy = begunBy(each, 'taskDurationSeconds', now)
    return {
      slaId: sla.id,
      projectId: sla.projectId,
      dagId: sla.dagId,
      taskKey: sla.taskKey,
      queuedBy,
      startedBy,
      // What waits has run for 0 seconds, and what runs waits for 0: a bound on either leaves out the other.
      isWaitingWanted: startedBy === null || !rule.bounds.has('taskDurationSeconds'),
      isRunningWanted: queuedBy === null || !rule.bounds.has('queueWaitSeconds'),
    }
  })
  const rules = rulesById(watched)
  const tasks = await findTaskSubjects(db, wanted)
  return tasks.map((task) => {
    const comparisons = rules.get(task.slaId)?.comparisons ?? []
    const at = now.getTime()
    const facts = { ...taskFacts(task, at, comparisons), ...runFacts({ ...task.run, endedAt: null }, at, comparisons) }
    return { slaId: task.slaId, subjectId: task.id, runId: task.runId, instanceId: task.id, facts }
  })
}

async function rateSubjects(db: Reader, watched: readonly Watched[], now: Date): Promise<Subject[]> {
  const wanted = watched.flatMap(({ sla, rule }) =>
    [...new Set(rule.comparisons.map(({ params }) => Number(params?.windowSeconds)))].map((seconds) => ({
      sla,
      seconds,
    })),
  )
  const rates = await findRates(
    db,
    wanted.map(({ sla: { projectId, dagId }, seconds }) => {
      return { projectId, dagId, since: new Date(now.getTime() - seconds * 1_000) }
    }),
  )
  return watched.map(({ sla, rule }) => {
    const facts: JsonObject = {}
    for (const { fact, params } of rule.comparisons) {
      const place = wanted.findIndex((each) => each.sla === sla && each.seconds === params?.windowSeconds)
      const { endedRuns, failedRuns } = rates[place] ?? { endedRuns: 0, failedRuns: 0 }
      const value = fact === 'endedRuns' ? endedRuns : endedRuns === 0 ? 0 : failedRuns / endedRuns
      facts[factKey(fact, params)] = value
    }
    const subjectId = sla.dagId ?? sla.projectId ?? 'everywhere'
    return { slaId: sla.id, subjectId, runId: null, instanceId: null, facts }
  })
}

async function capacity(
  watched: readonly Watched[],
  read: () => Promise<readonly CapacitySubject[]>,
  isIts: (watched: Watched, subject: CapacitySubject) => boolean,
): Promise<Subject[]> {
  if (watched.length === 0) return []
  const found = await read()
  return watched.flatMap((each) =>
    found
      .filter((subject) => isIts(each, subject))
      .map(({ id, facts }) => {
        const compared = Object.entries(facts).filter(([fact]) => each.rule.uses(fact))
        return {
          slaId: each.sla.id,
          subjectId: id,
          runId: null,
          instanceId: null,
          facts: Object.fromEntries(compared),
        }
      }),
  )
}

function rulesById(watched: readonly Watched[]): Map<string, SlaRule> {
  return new Map(watched.map(({ sla, rule }) => [sla.id, rule]))
}
