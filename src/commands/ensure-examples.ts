import { DatabaseError } from 'pg'
import { checkDefinition } from '../definitions/check-definition.js'
import type { Database } from '../platform/database.js'
import { getDags } from '../projections/dag/get-dags.js'
import type { Outcome } from './command.js'
import type { CommandBus } from './command-bus.js'
import { createProject } from './create-project.js'
import type { Plans } from './plans.js'
import { isRefusal, type Prepared } from './prepared.js'
import { preparePublishDag } from './publish-dag.js'
import { setDagEnabled } from './set-dag-enabled.js'
import { systemCommand } from './system-command.js'
import { prepareTriggerRun } from './trigger-run.js'

const PROJECT = 'examples'
const UNIQUE_VIOLATION = '23505'

interface ExampleDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly plans: Plans
}

/**
 * Project `examples` with a DAG for each source that it has none of yet, and a run of each DAG named in `started` that
 * was published here. One with a schedule is published disabled. What a user has made of them since is left alone.
 * Servers that start at once do it once.
 */
export async function ensureExamples(
  dependencies: ExampleDependencies,
  sources: readonly string[],
  started: readonly string[],
): Promise<void> {
  const { database } = dependencies
  const { id: projectId, isArchived } = await ensureProject(dependencies)
  if (isArchived) return
  const known = await database.query<{ name: string }>('SELECT name FROM dag WHERE project_id = $1', [projectId])
  for (const source of sources) {
    const { definition } = checkDefinition(source)
    const name = definition?.name
    // Also one that was deleted: it was not wanted.
    if (name === undefined || known.some((dag) => dag.name === name)) continue
    const isScheduled = definition?.schedule !== undefined
    const dagId = await publish(dependencies, projectId, source, isScheduled)
    if (dagId !== null && started.includes(name)) await run(dependencies, dagId)
  }
}

/** The one that the platform made, whatever it is called by now; or else the one of that name. */
const FIND_PROJECT = `
  SELECT id, archived_at IS NOT NULL AS "isArchived" FROM project WHERE name = $1 OR created_by IS NULL
  ORDER BY created_by IS NULL DESC LIMIT 1`

interface ExampleProject {
  readonly id: string
  readonly isArchived: boolean
}

async function ensureProject({ database, bus }: ExampleDependencies): Promise<ExampleProject> {
  const find = async () => (await database.query<ExampleProject>(FIND_PROJECT, [PROJECT]))[0]
  const found = await find()
  if (found !== undefined) return found
  const description = 'DAGs to look at and to run; see the folder examples'
  const project = createProject({ name: PROJECT, description, owner: null })
  if (!isRefusal(project)) await once(() => execute(bus, project))
  return (await find()) as ExampleProject
}

async function publish(
  { database, bus }: ExampleDependencies,
  projectId: string,
  source: string,
  isScheduled: boolean,
): Promise<string | null> {
  const prepared = await preparePublishDag(database.pool, { projectId, source, expectedVersion: null })
  if ('problems' in prepared) throw new Error(`An example is not valid: ${JSON.stringify(prepared.problems)}`)
  // Nothing is to run at night that nobody asked for.
  const also = isScheduled ? [setDagEnabled(prepared.streamId, false)] : []
  const outcome = await once(() => execute(bus, { ...prepared, also }))
  return outcome === null || isRefusal(outcome) ? null : outcome.streamId
}

async function run({ database, bus, plans }: ExampleDependencies, dagId: string): Promise<void> {
  const [dag] = await getDags(database.pool, [dagId], null)
  if (dag === undefined) return
  const request = { version: null, parameters: {}, logicalDate: null, tags: [], priority: 0 }
  const prepared = await prepareTriggerRun(database.pool, plans, dag, request)
  if (!isRefusal(prepared)) await execute(bus, prepared)
}

function execute(bus: CommandBus, prepared: Prepared): Promise<Outcome> {
  return bus.execute(systemCommand(prepared))
}

/** Null when another server was first. */
async function once<Value>(work: () => Promise<Value>): Promise<Value | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) return null
    throw error
  }
}
