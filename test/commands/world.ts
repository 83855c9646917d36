import { createHash } from 'node:crypto'
import type { Claimed } from '../../src/commands/claim.js'
import type { Accepted, Addressed, Command, OnceKey, Outcome } from '../../src/commands/command.js'
import { CommandBus } from '../../src/commands/command-bus.js'
import { Plans } from '../../src/commands/plans.js'
import { Streams } from '../../src/commands/streams.js'
import type { DagDefinition, TaskDefinition } from '../../src/domain/dag/definition.js'
import { type Plan, planOf } from '../../src/domain/dag/plan.js'
import type { CommandId, DagId, DagVersionId, NodeId, PoolId, ProjectId, RunId } from '../../src/domain/ids.js'
import type { AttemptOutcome, RunCommand } from '../../src/domain/run/commands.js'
import { systemClock } from '../../src/platform/clock.js'
import { APPLICATION_ROLE, type Database, type DatabaseOptions, openDatabase } from '../../src/platform/database.js'
import { newId } from '../../src/platform/ids.js'
import type { OfferedMachine } from '../../src/queue/candidate.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'

/** What one process has: a pool of connections, its own cache of states, its own bus. */
export interface Server {
  readonly bus: CommandBus
  readonly database: Database
  readonly node: NodeId
  /** Every head that was announced after a commit. */
  readonly heads: number[]
}

export interface PublishedDag {
  readonly projectId: ProjectId
  readonly dagId: DagId
  readonly dagVersionId: DagVersionId
  readonly plan: Plan
}

/** A database and as many servers on it as a test asks for. */
export class World {
  readonly servers: Server[] = []

  private constructor(readonly db: TestDatabase) {}

  static async open(): Promise<World> {
    return new World(await createTestDatabase())
  }

  /** One more server, with nothing in its caches; `through`: the URL that it connects with. */
  async server(through = this.db.url, more: Partial<DatabaseOptions> = {}): Promise<Server> {
    const how = { role: APPLICATION_ROLE, applicationName: 'test-server', isPipelined: true, poolSize: 3 }
    const database = await openDatabase({ url: through, ...how, ...more })
    const heads: number[] = []
    const evaluate = () => true
    const streams = new Streams(new Plans())
    const bus = new CommandBus({ database, streams, clock: systemClock, random: Math.random, evaluate }, (head) =>
      heads.push(head),
    )
    const server = { bus, database, node: newId('node') as NodeId, heads }
    this.servers.push(server)
    return server
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map(({ bus }) => bus.drained()))
    await Promise.all(this.servers.map(({ database }) => database.close()))
    await this.db.drop()
  }

  query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.db.database.query<Row & Record<string, unknown>>(text, values)
  }
}

/** A command of nobody in particular. */
export function command(addressed: Addressed, streamId: string, more: Partial<Command> = {}): Command {
  const cause = { actor: 'system', correlationId: null, causationId: null, once: null }
  return { ...addressed, id: newId('command') as CommandId, streamId, ...cause, ...more } as Command
}

export function onceKey(key: string, body: unknown = key): OnceKey {
  return { key, bodyHash: createHash('sha256').update(JSON.stringify(body)).digest() }
}

export function createProject(name: string, more: Partial<Command> = {}): Command {
  const create = { type: 'CreateProject', name, description: '', owner: null } as const
  return command({ aggregate: 'project', command: create }, newId('project'), more)
}

export function ofRun(runId: string, run: RunCommand, more: Partial<Command> = {}): Command {
  return command({ aggregate: 'run', command: run }, runId, more)
}

/** Throws when it was refused. */
export function accepted(outcome: Outcome): Accepted {
  if ('rejections' in outcome) throw new Error(JSON.stringify(outcome.rejections))
  return outcome
}

export interface PoolOptions {
  readonly cpu?: number
  readonly memory?: number
  readonly queues?: { readonly [name: string]: number | { readonly capacity: number; readonly priority: number } }
  /** Slots by name. */
  readonly machines?: { readonly [name: string]: number }
}

/** A pool with queues (by name, their capacity) and machines (by name, their slots). */
export async function createPool(
  { bus }: Server,
  name: string,
  { cpu = 1_000, memory = 1e12, queues = {}, machines = {} }: PoolOptions,
): Promise<OfferedMachine[]> {
  const poolId = newId('pool') as PoolId
  const pool = { type: 'CreatePool', name, totalCpu: cpu, totalMemoryBytes: memory } as const
  accepted(await bus.execute(command({ aggregate: 'pool', command: pool }, poolId)))
  for (const [queue, given] of Object.entries(queues)) {
    const settings = typeof given === 'number' ? { capacity: given, priority: 0 } : given
    const create = { type: 'CreateQueue', name: queue, ...settings, poolId } as const
    accepted(await bus.execute(command({ aggregate: 'queue', command: create }, newId('queue'))))
  }
  const offered: OfferedMachine[] = []
  for (const [machine, slots] of Object.entries(machines)) {
    const id = newId('machine')
    const host = { host: 'h', hostIdentity: 'h', cpuCount: null, memoryBytes: null } as const
    const register = { type: 'RegisterLocalMachine', name: machine, ...host, poolId, slots } as const
    accepted(await bus.execute(command({ aggregate: 'machine', command: register }, id)))
    offered.push({ id, name: machine })
  }
  return offered
}

/** `n` tasks that do nothing, t0, t1 ...; each needs the one before it when they are chained. */
export function noops(n: number, { isChained = false, queue = 'default' } = {}): Record<string, TaskDefinition> {
  return Object.fromEntries(
    Array.from({ length: n }, (_, at) => {
      const needs = isChained && at > 0 ? { needs: [`t${at - 1}`] } : {}
      return [`t${at}`, { noop: {}, queue, ...needs }]
    }),
  )
}

/** Tasks s0, s1 ... that need a machine. */
export function shell(count: number, more: TaskDefinition = {}): Record<string, TaskDefinition> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, { run: 'true', ...more }]))
}

export async function publish(
  { bus }: Server,
  tasks: Record<string, TaskDefinition>,
  more: Partial<DagDefinition> = {},
): Promise<PublishedDag> {
  const project = createProject(newId('project'))
  accepted(await bus.execute(project))
  const dagId = newId('dag') as DagId
  const dagVersionId = newId('dagversion') as DagVersionId
  const projectId = project.streamId as ProjectId
  const definition: DagDefinition = { name: 'dag', ...more, tasks }
  const source = JSON.stringify(definition)
  const publication = { dagVersionId, projectId, source, definition, checksum: 'x', expectedVersion: null }
  accepted(await bus.execute(command({ aggregate: 'dag', command: { type: 'PublishDag', ...publication } }, dagId)))
  return { projectId, dagId, dagVersionId, plan: planOf(definition) }
}

export function requestRun(dag: PublishedDag, more: Partial<Command> & { priority?: number } = {}): Command {
  const { priority = 0, ...rest } = more
  const { projectId, dagId, dagVersionId, plan } = dag
  const runId = newId('run') as RunId
  const ids = { projectId, dagId, dagVersionId, plan: null, parentRunId: null, rootRunId: runId, rerunScope: null }
  const what = { kind: 'DAG', name: 'dag', trigger: 'MANUAL', parameters: {}, logicalDate: null, tags: [] } as const
  return ofRun(runId, { type: 'RequestRun', plan, reused: [], request: { ...ids, ...what, priority } }, rest)
}

/** Asks for a run; its id. */
export async function begin({ bus }: Server, dag: PublishedDag, priority = 0): Promise<string> {
  return accepted(await bus.execute(requestRun(dag, { priority }))).streamId
}

export function claim(
  { bus, node }: Server,
  limit: number,
  machines: readonly OfferedMachine[] = [],
): Promise<readonly Claimed[]> {
  return bus.claim({ node, machines, limit })
}

export function report({ runId, taskKey, fence }: Claimed, outcome: AttemptOutcome = 'SUCCEEDED'): Command {
  const result = { exitCode: null, errorMessage: null, cpuSeconds: null }
  return ofRun(runId, { type: 'ReportEnded', task: taskKey, fence, outcome, result, output: null })
}

/** Claims and reports until nothing waits any more; how many attempts that were. */
export async function drain(server: Server, limit = 50, machines: readonly OfferedMachine[] = []): Promise<number> {
  let count = 0
  for (;;) {
    const claimed = await claim(server, limit, machines)
    if (claimed.length === 0) return count
    count += claimed.length
    await Promise.all(claimed.map(async (each) => accepted(await server.bus.execute(report(each)))))
  }
}
