import { createHash } from 'node:crypto'
import type { Addressed, Command } from '../../src/commands/command.js'
import type { CommandBus } from '../../src/commands/command-bus.js'
import { checkDefinition } from '../../src/definitions/check-definition.js'
import { planOf } from '../../src/domain/dag/plan.js'
import type { CommandId, DagId, DagVersionId, ProjectId, RunId } from '../../src/domain/ids.js'
import type { JsonObject } from '../../src/domain/json.js'
import type { Database } from '../../src/platform/database.js'
import { newId } from '../../src/platform/ids.js'

/** Publishes the DAG file in a project of its own, which is prepared first, and asks for a run of it. */
export async function requestRun(
  bus: CommandBus,
  source: string,
  parameters: JsonObject = {},
  prepare: (projectId: ProjectId) => Promise<void> = async () => undefined,
): Promise<RunId> {
  const { definition, problems } = checkDefinition(source)
  if (definition === null || problems.length > 0) throw new Error(`Not a DAG: ${JSON.stringify(problems)}`)
  const projectId = newId('project') as ProjectId
  const dagId = newId('dag') as DagId
  const dagVersionId = newId('dagversion') as DagVersionId
  const runId = newId('run') as RunId
  const create = { type: 'CreateProject', name: projectId, description: '', owner: null } as const
  await done(bus, { aggregate: 'project', command: create }, projectId)
  await prepare(projectId)
  const published = { dagVersionId, projectId, source, definition, checksum: dagVersionId, expectedVersion: null }
  await done(bus, { aggregate: 'dag', command: { type: 'PublishDag', ...published } }, dagId)
  const request = {
    kind: 'DAG',
    name: definition.name,
    projectId,
    dagId,
    dagVersionId,
    plan: null,
    trigger: 'MANUAL',
    parameters,
    logicalDate: null,
    tags: [],
    priority: 0,
    parentRunId: null,
    rootRunId: runId,
    rerunScope: null,
  } as const
  const plan = planOf(definition)
  await done(bus, { aggregate: 'run', command: { type: 'RequestRun', plan, reused: [], request } }, runId)
  return runId
}

/** Executes a command of the tests' own; throws when it is refused. */
export async function done(
  bus: CommandBus,
  addressed: Addressed & Pick<Command, 'beside'>,
  streamId: string,
): Promise<void> {
  const id = newId('command') as CommandId
  const once = { key: id, bodyHash: createHash('sha256').update(id).digest() }
  const command: Command = { ...addressed, id, streamId, actor: 'system', correlationId: null, causationId: null, once }
  const outcome = await bus.execute(command)
  if ('rejections' in outcome) throw new Error(`${addressed.command.type}: ${JSON.stringify(outcome.rejections)}`)
}

export interface RunEventRow {
  readonly version: number
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  readonly data: any
  readonly at: number
}

/** The run's events so far, in order. */
export async function eventsOf(database: Database, runId: string): Promise<RunEventRow[]> {
  return database.query(
    `SELECT version, type, data, extract(epoch FROM recorded_at)::double precision * 1000 AS at
     FROM event WHERE stream_id = $1 ORDER BY version`,
    [runId],
  )
}

export interface InstanceRow {
  readonly id: string
  readonly task_key: string
  readonly status: string
  readonly attempt: number
  readonly fence: number
  readonly exit_code: number | null
  readonly error_message: string | null
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  readonly output: any
}

/** The run's instances by task. */
export async function instancesOf(database: Database, runId: string): Promise<Record<string, InstanceRow>> {
  const rows = await database.query<InstanceRow>('SELECT * FROM instance WHERE run_id = $1', [runId])
  return Object.fromEntries(rows.map((row) => [row.task_key, row]))
}

export interface ChunkRow {
  readonly attempt: number
  readonly stream: string
  readonly byte_offset: number
  readonly stream_offset: number
  readonly bytes: Buffer
}

/** Everything collected of one instance, in the order collected. */
export async function chunksOf(database: Database, instanceId: string): Promise<ChunkRow[]> {
  const rows = await database.query<ChunkRow>(
    'SELECT * FROM output_chunk WHERE instance_id = $1 ORDER BY attempt, byte_offset',
    [instanceId],
  )
  return rows.map((row) => ({
    ...row,
    byte_offset: Number(row.byte_offset),
    stream_offset: Number(row.stream_offset),
  }))
}
