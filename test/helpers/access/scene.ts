import { SlaClock } from '../../../src/scheduler/sla-clock.js'
import { drive } from '../drive.js'
import type { Flow } from '../flow.js'

/** A project with something of everything in it, made by its owner. */
export interface Scene {
  /** Of the project, its DAG and its SLA. */
  readonly name: string
  readonly ownerName: string
  /** An id of each type of the schema that has ids; those of the platform are the same in every scene. */
  readonly ids: Readonly<Record<string, string>>
  /** Ids of all that belongs to the project. */
  readonly things: ReadonlySet<string>
  /** Ids of its owner's sessions and tokens. */
  readonly credentials: ReadonlySet<string>
}

/** What the platform has, for everyone who is signed in. */
export interface Platform {
  readonly machine: { readonly id: string; readonly name: string }
  readonly ids: Readonly<Record<string, string>>
}

export const TEMPLATE = 'matrix-template'

/** Reads what is there from the start, and publishes a template. */
export async function platformOf(f: Flow): Promise<Platform> {
  const { machine, pool, queue } = await f.get(
    '{ machine(name: "local") { id name } pool(name: "default") { id } queue(name: "default") { id } }',
  )
  const input = { name: TEMPLATE, engine: 'noop', definition: { noop: {} }, parametersSchema: {} }
  const made = await f.change('publishTemplate', 'PublishTemplateInput', input, 'template { id }')
  const ids = { Machine: machine.id, Pool: pool.id, Queue: queue.id, Template: made.template.id }
  return { machine, ids }
}

/** The source of a scene's DAG. */
export const sourceOf = (name: string) =>
  `name: ${name}\nschedule: { cron: "0 0 * * *" }\ntasks: { t: { run: "true" } }`
const CONDITIONS = { all: [{ fact: 'runDurationSeconds', operator: 'greaterThan', value: 0 }] }
/** It prints its own id. */
const WITH_OUTPUT = `
  INSERT INTO output_chunk (instance_id, attempt, byte_offset, stream, stream_offset, bytes, recorded_at)
  VALUES ($1::text, 1, 0, 'STDOUT', 0, convert_to($1::text, 'UTF8'), now())`
const FIRST = `query ($run: ID!) { run(id: $run) { dagVersion { id } instance(taskKey: "t") { id task { id } } }
  events(first: 1, filter: {runId: $run}) { nodes { id } } }`
const PEOPLE = '{ viewer { sessions { nodes { id } } apiTokens { nodes { id } } } }'

/** Makes the project by that owner: a run that has ended, a rerun that goes on and breaks an SLA, a backfill, a secret. */
export async function sceneOf(
  f: Flow,
  { machine, ids: ofPlatform }: Platform,
  name: string,
  owner: { readonly id: string; readonly name: string; readonly token: string },
): Promise<Scene> {
  const change = (mutation: string, input: object, selection: string) =>
    f.change(mutation, `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`, input, selection, owner.token)
  const { bus, database, clock, logger } = f.services
  const projectId = (await change('createProject', { name }, 'project { id }')).project.id
  const { dag } = await change('publishDag', { projectId, source: sourceOf(name) }, 'dag { id }')
  const dagId = dag.id
  await change('setSecret', { projectId, name: 's', value: 'v' }, '__typename')
  const runId = (await change('triggerRun', { dagId }, 'run { id }')).run.id
  await drive(bus, undefined, [machine])
  await change('rerun', { runId, scope: 'ALL' }, '__typename')
  const range = { from: '2026-09-01T00:00:00Z', to: '2026-09-01T12:00:00Z' }
  const { backfill } = await change('backfillDag', { dagId, ...range }, 'backfill { id }')
  await drive(bus, () => ({ outcome: null }), [machine])
  const { sla } = await change('createSla', { projectId, name, conditions: CONDITIONS, actions: [] }, 'sla { id }')
  await new SlaClock({ database, bus, clock, logger }).runOnce()
  const { run, events } = await f.get(FIRST, { run: runId })
  const instanceId = run.instance.id
  await f.db.owner.query(WITH_OUTPUT, [instanceId])
  const { viewer } = await f.get(PEOPLE, {}, owner.token)
  const entries = await f.get('query ($p: ID!) { auditLog(filter: {entityId: $p}) { nodes { id } } }', { p: projectId })
  const of = await thingsOf(f, projectId)
  const ids = {
    ...ofPlatform,
    ...{ Project: projectId, Dag: dagId, DagVersion: run.dagVersion.id, Task: run.instance.task.id, Run: runId },
    ...{ Instance: instanceId, Event: events.nodes[0].id, Backfill: backfill.id, Sla: sla.id, SlaBreach: of.breachId },
    ...{ User: owner.id, Session: viewer.sessions.nodes[0].id, ApiToken: viewer.apiTokens.nodes[0].id },
    AuditEntry: entries.auditLog.nodes[0].id,
  }
  const credentials = [...viewer.sessions.nodes, ...viewer.apiTokens.nodes].map(({ id }: { id: string }) => id)
  const things = new Set([projectId, run.dagVersion.id, sla.id, backfill.id, ...of.ids])
  return { name, ownerName: owner.name, ids, things, credentials: new Set(credentials) }
}

const LISTS = `query ($p: ID!) {
  dags(filter: {projectId: $p}) { nodes { id } } tasks(projectId: $p) { nodes { id } }
  runs(filter: {projectId: $p}) { nodes { id } } instances(filter: {projectId: $p}) { nodes { id } }
  events(first: 1000, filter: {projectId: $p}) { nodes { id } } slaBreaches(projectId: $p) { nodes { id } } }`

async function thingsOf(f: Flow, projectId: string): Promise<{ ids: string[]; breachId: string }> {
  const lists: Record<string, { nodes: { id: string }[] }> = await f.get(LISTS, { p: projectId })
  const breachId = lists.slaBreaches?.nodes[0]?.id
  if (breachId === undefined) throw new Error('The SLA of the scene is not broken')
  return { ids: Object.values(lists).flatMap(({ nodes }) => nodes.map(({ id }) => id)), breachId }
}
