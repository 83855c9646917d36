import { until } from '../helpers/until.js'
import type { Session } from './session.js'

export interface RunFacts {
  readonly id: string
  readonly status: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly output: unknown
}

export interface InstanceFacts {
  readonly id: string
  readonly taskKey: string
  /** The task's name, by default its key. */
  readonly name: string
  readonly status: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly output: unknown
  readonly exitCode: number | null
  readonly attempts: readonly { readonly number: number; readonly status: string }[]
}

export interface EventFacts {
  readonly position: string
  readonly streamId: string
  readonly version: number
  readonly type: string
  readonly data: Record<string, unknown>
}

const ENDS = ['SUCCEEDED', 'FAILED', 'CANCELED', 'TIMED_OUT']

/** Publishes a DAG (JSON is YAML) and answers its id. */
export async function publish(session: Session, projectId: string, definition: object): Promise<string> {
  const query = `mutation ($input: PublishDagInput!) {
    publishDag(input: $input) { dag { id } problems { message } userErrors { message } }
  }`
  const { publishDag } = await session.ask(query, { input: { projectId, source: JSON.stringify(definition) } })
  if (publishDag.dag === null) throw new Error(JSON.stringify(publishDag.problems))
  return publishDag.dag.id
}

/** A project of its own for a test; answers its id. */
export async function createProject(session: Session, name: string): Promise<string> {
  const query = `mutation ($input: CreateProjectInput!) {
    createProject(input: $input) { project { id } userErrors { message } }
  }`
  return (await session.ask(query, { input: { name } })).createProject.project.id
}

/** Answers the id of a new run. */
export async function trigger(session: Session, dagId: string, parameters: object = {}): Promise<string> {
  const query = `mutation ($input: TriggerRunInput!) { triggerRun(input: $input) { run { id } userErrors { message } } }`
  return (await session.ask(query, { input: { dagId, parameters } })).triggerRun.run.id
}

export async function getRun(session: Session, id: string): Promise<RunFacts> {
  return (await session.ask('query ($id: ID!) { run(id: $id) { id status startedAt endedAt output } }', { id })).run
}

/** Waits for the run's end; a server that is away meanwhile is asked again. */
export async function runEnd(session: Session, id: string, limitMs = 120_000): Promise<RunFacts> {
  const look = async () => {
    const run = await getRun(session, id).catch(() => null)
    return run !== null && ENDS.includes(run.status) ? run : null
  }
  return until(`the end of ${id}`, look, limitMs)
}

const INSTANCES = `query ($id: ID!, $after: String) {
  run(id: $id) {
    instances(first: 400, after: $after) {
      nodes { id taskKey name status startedAt endedAt output exitCode attempts { number status } }
      pageInfo { endCursor hasNextPage }
    }
  }
}`

export async function listInstances(session: Session, id: string): Promise<InstanceFacts[]> {
  return pages(async (after) => (await session.ask(INSTANCES, { id, after })).run.instances)
}

const EVENTS = `query ($filter: EventFilter, $after: String) {
  events(filter: $filter, first: 1000, after: $after) {
    nodes { position streamId version type data }
    pageInfo { endCursor hasNextPage }
  }
}`

/** Every event of the journal that passes the filter, oldest first. */
export async function listEvents(session: Session, filter: object = {}): Promise<EventFacts[]> {
  return pages(async (after) => (await session.ask(EVENTS, { filter, after })).events)
}

interface Page<Node> {
  readonly nodes: readonly Node[]
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
}

async function pages<Node>(read: (after: string | null) => Promise<Page<Node>>): Promise<Node[]> {
  const all: Node[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await read(after)
    all.push(...nodes)
    if (!pageInfo.hasNextPage) return all
    after = pageInfo.endCursor
  }
}
