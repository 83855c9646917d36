import { CommandBus } from '../../src/commands/command-bus.js'
import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import { Plans } from '../../src/commands/plans.js'
import { Streams } from '../../src/commands/streams.js'
import type { DagDefinition, TaskDefinition } from '../../src/domain/dag/definition.js'
import type { DagId, DagVersionId, ProjectId } from '../../src/domain/ids.js'
import type { OverlapPolicy, ScheduleDefinition } from '../../src/domain/schedule/schedule-definition.js'
import type { Tail } from '../../src/history/tail.js'
import { APPLICATION_ROLE, type Database, openDatabase } from '../../src/platform/database.js'
import { newId } from '../../src/platform/ids.js'
import { silentLogger } from '../../src/platform/logger.js'
import { Scheduler } from '../../src/scheduler/scheduler.js'
import { accepted, command, createProject } from '../commands/world.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'

/** A process that schedules. Its `bus` may be made to die before or behind a commit. */
export interface SchedulingServer {
  readonly name: string
  readonly bus: CommandBus
  readonly scheduler: Scheduler
}

/** A database, a clock that only the test moves, and servers whose schedulers run when they are told to. */
export class Schedulers {
  now = Date.UTC(2026, 2, 1, 12)
  readonly clock = { now: () => new Date(this.now) }
  readonly #opened: { readonly bus: CommandBus; readonly databases: readonly Database[] }[] = []

  private constructor(readonly db: TestDatabase) {}

  static async open(): Promise<Schedulers> {
    return new Schedulers(await createTestDatabase())
  }

  /** `through`: stands between the scheduler and its bus. */
  async server(name = 'one', through: (bus: CommandBus) => CommandBus = (bus) => bus): Promise<SchedulingServer> {
    const how = { url: this.db.url, role: APPLICATION_ROLE, applicationName: `scheduler-${name}`, logger: silentLogger }
    const reads = await openDatabase(how)
    const writes = await openDatabase({ ...how, isPipelined: true, poolSize: 3 })
    const plans = new Plans()
    const context = { clock: this.clock, random: Math.random, evaluate: () => true }
    const bus = new CommandBus({ database: writes, streams: new Streams(plans), ...context }, () => undefined)
    const tail = { onHead: () => () => undefined } as unknown as Tail
    const { clock } = this
    const scheduler = new Scheduler({ database: reads, bus: through(bus), tail, plans, clock, logger: silentLogger })
    this.#opened.push({ bus, databases: [reads, writes] })
    await ensureCapacity(reads, bus, 'host of the tests')
    return { name, bus, scheduler }
  }

  /** Moves the clock and lets the scheduler look until nothing more is due. */
  async pass({ scheduler }: SchedulingServer, ms: number): Promise<void> {
    this.now += ms
    for (let times = 0; times < 4; times += 1) await scheduler.runOnce()
  }

  async publish(
    { bus }: SchedulingServer,
    schedule: ScheduleDefinition | null,
    tasks: Record<string, TaskDefinition> = { t: { noop: {} } },
    dagId = newId('dag') as DagId,
  ): Promise<DagId> {
    const project = createProject(newId('project'))
    accepted(await bus.execute(project))
    const definition: DagDefinition = { name: 'dag', ...(schedule && { schedule }), tasks }
    const dagVersionId = newId('dagversion') as DagVersionId
    const source = JSON.stringify(definition)
    const projectId = project.streamId as ProjectId
    const publication = { dagVersionId, projectId, source, definition, checksum: source, expectedVersion: null }
    accepted(await bus.execute(command({ aggregate: 'dag', command: { type: 'PublishDag', ...publication } }, dagId)))
    return dagId
  }

  async enable({ bus }: SchedulingServer, dagId: string, isEnabled: boolean): Promise<void> {
    accepted(await bus.execute(command({ aggregate: 'dag', command: { type: 'SetDagEnabled', isEnabled } }, dagId)))
  }

  /** `12:05 RUNNING` for every run of the schedule, by its time. */
  async fires(dagId: string): Promise<string[]> {
    const rows = await this.db.database.query<{ at: Date; status: string }>(
      `SELECT logical_date AS at, status FROM run WHERE dag_id = $1 AND trigger = 'SCHEDULE' ORDER BY logical_date`,
      [dagId],
    )
    return rows.map(({ at, status }) => `${at.toISOString().slice(11, 16)} ${status}`)
  }

  async counters(dagId: string): Promise<Record<string, number>> {
    const [row] = await this.db.database.query<Record<string, number>>(
      'SELECT fired::integer, missed::integer, skipped::integer, dropped::integer FROM schedule WHERE dag_id = $1',
      [dagId],
    )
    return row as Record<string, number>
  }

  /** Ends the oldest run of the schedule that is under way. */
  async end({ bus }: SchedulingServer, dagId: string): Promise<void> {
    const [row] = await this.db.database.query<{ id: string }>(
      `SELECT id FROM run WHERE dag_id = $1 AND ended_at IS NULL AND status <> 'QUEUED' ORDER BY logical_date LIMIT 1`,
      [dagId],
    )
    const force = { type: 'ForceInstance', task: 't', status: 'SUCCEEDED', reason: 'test' } as const
    accepted(await bus.execute(command({ aggregate: 'run', command: force }, (row as { id: string }).id)))
  }

  /** Cuts every connection of that server. */
  async kill(name: string): Promise<void> {
    // Other test files work on the same server at the same time.
    await this.db.owner.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
      [`scheduler-${name}`],
    )
  }

  async close(): Promise<void> {
    for (const { bus, databases } of this.#opened) {
      await bus.drained()
      await Promise.all(databases.map((database) => database.close()))
    }
    await this.db.drop()
  }
}

/** Every 5 minutes. */
export function every5(overlapPolicy: OverlapPolicy, more: ScheduleDefinition = {}): ScheduleDefinition {
  return { cron: '*/5 * * * *', overlapPolicy, ...more }
}
