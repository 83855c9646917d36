import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { RunCommand } from '../../src/domain/run/commands.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'
import { endProcess, processesOf } from '../helpers/processes.js'
import { done, eventsOf, instancesOf, type RunEventRow } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import { openWiring, type Wiring, type WiringOptions } from '../helpers/wiring.js'

/** A database, a folder with a spool in it, and the servers that work on both. */
export class Scene {
  readonly #wirings: Wiring[] = []

  private constructor(
    readonly db: TestDatabase,
    readonly dir: string,
  ) {}

  static async open(): Promise<Scene> {
    return new Scene(await createTestDatabase(), await mkdtemp(path.join(os.tmpdir(), 'dagbook-dispatch-')))
  }

  get spoolDir(): string {
    return path.join(this.dir, 'spool')
  }

  /** A server in this process. It dispatches once its `dispatch()` is called. */
  async server(options: Partial<WiringOptions> = {}): Promise<Wiring> {
    const wiring = await openWiring({ url: this.db.url, spoolDir: this.spoolDir, directory: this.dir, ...options })
    this.#wirings.push(wiring)
    return wiring
  }

  /** Ends what is left and removes all. */
  async close(): Promise<void> {
    await Promise.all(this.#wirings.map((wiring) => wiring.stop(500)))
    await this.db.drop()
    // Of a test that failed, tasks that wait for it would wait for ever.
    for (const { pid } of processesOf(this.dir)) endProcess(pid)
    await rm(this.dir, { recursive: true, force: true })
  }

  /** The run's end, once it is there: `SUCCEEDED` ... */
  ended(runId: string): Promise<string> {
    return until(`the end of ${runId}`, async () => {
      const sql = 'SELECT status FROM run WHERE id = $1 AND ended_at IS NOT NULL'
      return (await this.db.owner.query<{ status: string }>(sql, [runId]))[0]?.status
    })
  }

  /** The instance's status, once it is one of these. */
  status(runId: string, task: string, ...wanted: string[]): Promise<string> {
    return until(`${task} to be ${wanted.join(' or ')}`, async () => {
      const { status } = (await this.instances(runId))[task] ?? { status: '' }
      return wanted.includes(status) ? status : null
    })
  }

  events(runId: string): Promise<RunEventRow[]> {
    return eventsOf(this.db.owner, runId)
  }

  /** Types of the events that name the task. */
  async history(runId: string, task: string): Promise<string[]> {
    return (await this.events(runId)).filter((event) => event.data.task === task).map((event) => event.type)
  }

  /** That the task's history has so many events of the type. */
  async happened(runId: string, task: string, type: string, times = 1): Promise<void> {
    await until(`${times} ${type} of ${task}`, async () => {
      return (await this.history(runId, task)).filter((each) => each === type).length >= times
    })
  }

  instances(runId: string) {
    return instancesOf(this.db.owner, runId)
  }

  /** What an operator asks for. */
  ask(server: Wiring, runId: string, command: RunCommand): Promise<void> {
    return done(server.bus, { aggregate: 'run', command }, runId)
  }

  /** Ends a node's lease before its time: for the others it is gone. */
  async expire(node: string): Promise<void> {
    await this.db.owner.query("UPDATE node SET lease_expires_at = now() - interval '1 second' WHERE id = $1", [node])
  }
}

/** A DAG file with these tasks and whatever else is to be in it. */
export function dag(tasks: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ name: 'test', ...more, tasks })
}
