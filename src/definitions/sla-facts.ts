import type { JsonObject } from '../domain/json.js'
import { isZone, type Zone, zoneOf } from '../timetable/zone.js'

/** What an SLA's conditions speak of: each breach is one subject's. SCOPE: all runs of its scope together. */
export type SlaSubject = 'RUN' | 'TASK' | 'SCOPE' | 'QUEUE' | 'POOL' | 'MACHINE'

/** Something that conditions may compare. */
export interface SlaFact {
  readonly subject: SlaSubject
  readonly type: 'number' | 'string'
  /** For docs/slas.md, with the unit. */
  readonly meaning: string
  /** What a string may be. */
  readonly values?: readonly string[]
  /** Parameters by name; every one has to be given. */
  readonly params?: { readonly [name: string]: ParamRule }
}

interface ParamRule {
  readonly rule: string
  isFine(value: unknown): boolean
}

const SECONDS_A_DAY = 86_400

const WINDOW: SlaFact['params'] = {
  windowSeconds: {
    rule: `a whole number from 60 to ${SECONDS_A_DAY}`,
    isFine: (value) => Number.isInteger(value) && Number(value) >= 60 && Number(value) <= SECONDS_A_DAY,
  },
}

const DEADLINE: SlaFact['params'] = {
  time: {
    rule: 'a time of day as "06:30"',
    isFine: (value) => typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value),
  },
  timezone: {
    rule: 'a time zone as "Europe/Berlin"',
    isFine: (value) => typeof value === 'string' && isZone(value),
  },
}

const RUN_STATUSES = ['QUEUED', 'RUNNING', 'PAUSED', 'CANCELING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'TIMED_OUT']

const number = (subject: SlaSubject, meaning: string, params?: SlaFact['params']): SlaFact =>
  params === undefined ? { subject, type: 'number', meaning } : { subject, type: 'number', meaning, params }

/** Every fact by its name; docs/slas.md lists them. */
export const SLA_FACTS: { readonly [name: string]: SlaFact } = {
  runDurationSeconds: number('RUN', 'Seconds since the run started, until it ends; 0 before.'),
  runStatus: {
    subject: 'RUN',
    type: 'string',
    values: RUN_STATUSES,
    meaning: "The run's status, that of an ended one for five minutes.",
  },
  sinceScheduledSeconds: number(
    'RUN',
    "Seconds since the run's logical date, or where it has none since it was asked for, until it ends.",
  ),
  secondsPastDeadline: number(
    'RUN',
    "Seconds since the first such time of day at or after the run's logical date (or, where it has none, since it was asked for), until it ends; below 0 before.",
    DEADLINE,
  ),
  taskDurationSeconds: number(
    'TASK',
    'Seconds since the instance started, in its last attempt; 0 while it waits in its queue.',
  ),
  queueWaitSeconds: number('TASK', 'Seconds that the instance waits in its queue; 0 once it is dispatched.'),
  failureRate: number(
    'SCOPE',
    'Of the runs that ended in the window, the part that failed or timed out; 0 to 1.',
    WINDOW,
  ),
  endedRuns: number('SCOPE', 'Runs that ended in the window, at most the newest 10,000.', WINDOW),
  queueDepth: number('QUEUE', 'Instances that wait in the queue.'),
  queueLoad: number('QUEUE', 'Instances that hold capacity of the queue.'),
  queueUsage: number('QUEUE', "The queue's load as a part of its capacity."),
  oldestWaitSeconds: number(
    'QUEUE',
    'Seconds that the oldest of those that wait in the queue has waited; 0 if none does.',
  ),
  poolCpuUsage: number('POOL', 'Cpus that instances hold of the pool, as a part of all it has.'),
  poolMemoryUsage: number('POOL', 'Memory that instances hold of the pool, as a part of all it has.'),
  machineOfflineSeconds: number('MACHINE', 'Seconds since the machine was last seen; 0 while it is online.'),
}

/** What a fact with these parameters is called among a subject's facts: its name, with the parameters behind it. */
export function factKey(fact: string, params: JsonObject | undefined): string {
  const names = Object.keys(SLA_FACTS[fact]?.params ?? {})
  return [fact, ...names.map((name) => String(params?.[name]))].join(' ')
}

/** The first moment at or after `from` at which clocks in the zone show the time of day, in milliseconds. */
export function deadlineAfter(from: number, time: string, timezone: string): number {
  const zone = zoneOf(timezone)
  const [hours, minutes] = time.split(':').map(Number) as [number, number]
  const ofDay = (hours * 60 + minutes) * 60_000
  const midnight = Math.floor((from + zone.offsetAt(from)) / DAY_MS) * DAY_MS
  const today = instantOf(zone, midnight + ofDay)
  return today >= from ? today : instantOf(zone, midnight + DAY_MS + ofDay)
}

const DAY_MS = 86_400_000

/** When the zone's clocks show that wall time; of a time that they skip, as much later as they skip. */
function instantOf(zone: Zone, wall: number): number {
  return wall - zone.offsetAt(wall - zone.offsetAt(wall))
}
