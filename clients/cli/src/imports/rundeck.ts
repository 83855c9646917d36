import { RefusedFailure } from '../failure.js'
import { DagNames } from './dag-names.js'
import { type ImportedDag, type ImportResult, Notes } from './imported.js'
import { cronOfQuartz } from './quartz.js'
import { optionsOf } from './rundeck-options.js'
import { stepsOf } from './rundeck-steps.js'
import { asList, asMapping, asText, isTrue, type Mapping, YamlSource } from './yaml-source.js'

/** Keys of a job that say nothing about what it does. */
const SILENT = new Set([
  'id',
  'uuid',
  'project',
  'loglevel',
  'nodesSelectedByDefault',
  'nodeFilterEditable',
  'defaultTab',
])
const TAKEN = new Set([
  'name',
  'group',
  'description',
  'sequence',
  'options',
  'schedule',
  'timeZone',
  'timeout',
  'retry',
  'nodefilters',
  'multipleExecutions',
  'scheduleEnabled',
  'executionEnabled',
])

/**
 * Rundeck's job YAML (`rd jobs list -F yaml`, or a job's export) as one DAG a job, its steps one after the other. Throws
 * RefusedFailure for what is no list of jobs.
 */
export function importRundeck(text: string): ImportResult {
  const source = new YamlSource(text, 'Rundeck jobs')
  const notes = new Notes()
  const names = new DagNames(notes)
  const definitions = asList(source.value).map((value, index) => {
    const job = asMapping(value)
    const name = asText(job?.name)
    if (job === null || name === null) {
      throw new RefusedFailure(
        `Rundeck jobs: line ${source.line(index) ?? 1} must be a job, a mapping with name and sequence`,
      )
    }
    return new JobImport(job, name, index, source, names, notes).definition()
  })
  if (definitions.length === 0) throw new RefusedFailure('Rundeck jobs: must be a list of jobs, given none')
  return notes.result(definitions)
}

class JobImport {
  constructor(
    private readonly job: Mapping,
    private readonly wanted: string,
    private readonly index: number,
    private readonly source: YamlSource,
    private readonly names: DagNames,
    private readonly notes: Notes,
  ) {}

  definition(): ImportedDag {
    const { job } = this
    const name = this.names.take(this.wanted, this.line('name'), `Job ${this.wanted}`)
    const description = asText(job.description)?.trim()
    const group = asText(job.group)
    const place = this.place()
    const lineOf = (...path: (string | number)[]) => this.line(...path)
    const parameters = optionsOf(job.options, lineOf, this.notes)
    const tasks = stepsOf(job.sequence, lineOf, this.notes)
    const retry = this.retry()
    const schedule = this.schedule(parameters !== null && 'required' in parameters)
    this.loseTheRest()
    return {
      name,
      ...(description ? { description } : {}),
      ...(group ? { tags: [group.slice(0, 100)] } : {}),
      ...(schedule === null ? {} : { schedule }),
      ...this.timeout(),
      ...(parameters === null ? {} : { parameters }),
      tasks: Object.fromEntries(Object.entries(tasks).map(([key, task]) => [key, { ...task, ...place, ...retry }])),
    }
  }

  private line(...path: (string | number)[]): number | null {
    return this.source.line(this.index, ...path) ?? this.source.line(...path)
  }

  private timeout(): { timeout?: string | number } {
    const text = asText(this.job.timeout)
    if (text === null) return {}
    const duration = text.replaceAll(' ', '')
    if (/^\d+$/.test(duration)) return { timeout: Number(duration) }
    if (/^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/.test(duration)) return { timeout: duration }
    this.notes.lose(this.line('timeout'), 'timeouts from options', `Timeout ${text}: must be a duration`)
    return {}
  }

  /** Rundeck repeats the whole job, Dagbook each task. */
  private retry(): { retry?: Record<string, unknown> } {
    const { retry } = this.job
    if (retry === undefined) return {}
    const times = asText(asMapping(retry)?.retry ?? retry)
    const delay = asText(asMapping(retry)?.delay)?.replaceAll(' ', '')
    if (times === null || !/^\d+$/.test(times)) {
      this.notes.lose(this.line('retry'), 'retries from options', `Retry ${times}: must be a number`)
      return {}
    }
    this.notes.add(this.line('retry'), 'CHANGED', 'Retry: each step is tried again by itself, not the job as a whole')
    return { retry: { maxAttempts: Number(times) + 1, ...(delay ? { delay } : {}) } }
  }

  /** A scheduled run is given no parameters; Rundeck refuses such a job, too. */
  private schedule(asks: boolean): Record<string, unknown> | null {
    const { schedule: given, timeZone, multipleExecutions, scheduleEnabled } = this.job
    const schedule = asMapping(given)
    if (schedule === null) return null
    const line = this.line('schedule')
    if (asks) {
      const why = 'a required option has no default, and a scheduled run is given none'
      this.notes.lose(line, 'schedules of jobs that ask for an option', `Schedule: ${why}`)
      return null
    }
    const cron = cronOfQuartz(asText(schedule.crontab) ?? expressionOf(schedule), line, this.notes)
    if (cron === null) return null
    const timezone = asText(timeZone)
    if (timezone === null)
      this.notes.add(line, 'CHANGED', 'No timeZone: the times are taken as UTC, not as the server’s')
    if (scheduleEnabled === false || scheduleEnabled === 'false') {
      this.notes.add(
        this.line('scheduleEnabled'),
        'CHANGED',
        'The schedule is off: disable the DAG once it is published',
      )
    }
    const overlapPolicy = isTrue(multipleExecutions) ? 'ALLOW_ALL' : 'SKIP'
    return { cron, timezone: timezone ?? 'UTC', overlapPolicy, catchup: 'NONE' }
  }

  /** Where its steps run: a filter by one name or by tags can be said here, any other not. */
  private place(): { machine?: string; labels?: string[] } {
    const filters = asMapping(this.job.nodefilters)
    if (filters === null) return {}
    const line = this.line('nodefilters')
    if (filters.dispatch !== undefined) {
      this.notes.lose(
        line,
        'dispatch to several nodes',
        'Node filters: a task runs on one machine, not on each that fits',
      )
    }
    const filter = asText(filters.filter)?.trim() ?? ''
    const name = /^(?:name:\s*)?([A-Za-z_][A-Za-z0-9._-]{0,99})$/.exec(filter)?.[1]
    if (name !== undefined) return { machine: name }
    const tags = /^tags:\s*([\w.-]+(?:\+[\w.-]+)*)$/.exec(filter)?.[1]
    if (tags !== undefined) return { labels: tags.split('+') }
    if (filter !== '') this.notes.lose(line, 'node filters', `Node filter ${filter}: name a machine or labels instead`)
    return {}
  }

  private loseTheRest(): void {
    for (const key of Object.keys(this.job)) {
      if (TAKEN.has(key) || SILENT.has(key)) continue
      this.notes.lose(this.line(key), key, `${key}: has no counterpart`)
    }
    const { executionEnabled } = this.job
    if (executionEnabled === false || executionEnabled === 'false') {
      this.notes.lose(
        this.line('executionEnabled'),
        'executionEnabled',
        'executionEnabled: the DAG can be started by hand',
      )
    }
  }
}

/** The structured form of a schedule as a Quartz expression. */
function expressionOf(schedule: Mapping): string {
  const time = asMapping(schedule.time) ?? {}
  const weekday = asText(asMapping(schedule.weekday)?.day)
  const day = asText(asMapping(schedule.dayofmonth)?.day) ?? '*'
  const fields = [time.seconds, time.minute ?? time.minutes, time.hour ?? time.hours].map(
    (field) => asText(field) ?? '0',
  )
  return [...fields, day, asText(schedule.month) ?? '*', weekday ?? '?', asText(schedule.year) ?? '*'].join(' ')
}
