import type { Api } from '../graphql/api.js'
import { post } from '../graphql/post.js'
import { resolveRun } from '../runs/resolve-run.js'
import { type World, withConnection } from '../world.js'
import type { Candidate } from './candidate.js'
import type { Source } from './sources.js'

const PROJECT_NAMES = /* GraphQL */ `
  query ProjectNames { projects(first: 100) { nodes { name description } } }
`
const DAG_NAMES = /* GraphQL */ `
  query DagNames { dags(first: 100) { nodes { name description project { name } } } }
`
const RUN_IDS = /* GraphQL */ `
  query RunIds { runs(first: 20) { nodes { id name status } } }
`
const MACHINE_NAMES = /* GraphQL */ `
  query MachineNames { machines(first: 100) { nodes { name host } } }
`
const SLA_NAMES = /* GraphQL */ `
  query SlaNames { slas(first: 100) { nodes { name } } }
`
const POOL_NAMES = /* GraphQL */ `
  query PoolNames { pools(first: 100) { nodes { name } } }
`
const QUEUE_NAMES = /* GraphQL */ `
  query QueueNames { queues(first: 100) { nodes { name status } } }
`
const TASK_KEYS = /* GraphQL */ `
  query TaskKeys($id: ID!) { run(id: $id) { instances(first: 1000) { nodes { taskKey status } } } }
`

interface Nodes<T> {
  readonly nodes: readonly T[]
}

/** A person waits with a finger on the key; what takes longer is left out. */
const DEADLINE_MS = 1_500

/** What the server has of that kind; `before` are the arguments before it. Nothing when it cannot be asked in time. */
export async function serverValues(
  world: World,
  kind: Source['kind'],
  before: readonly string[],
): Promise<Candidate[]> {
  const signal = AbortSignal.any([world.signal, AbortSignal.timeout(DEADLINE_MS)])
  const late = new Promise<Candidate[]>((resolve) => signal.addEventListener('abort', () => resolve([])))
  const asked = withConnection(world, async (connection) => {
    // Renewing a session must not be given up halfway, so it is not begun with a server that does not answer.
    await post(connection.session.server, { query: '{ __typename }', variables: {} }, {}, signal)
    return ask(connection.api, kind, before, signal)
  })
  return Promise.race([asked.catch(() => []), late])
}

async function ask(
  api: Api,
  kind: Source['kind'],
  before: readonly string[],
  signal: AbortSignal,
): Promise<Candidate[]> {
  const query = async <T>(document: string, variables: Record<string, unknown> = {}): Promise<T> =>
    (await api.query<T>(document, variables, { signal })).data
  switch (kind) {
    case 'projects': {
      const { projects } = await query<{ projects: Nodes<{ name: string; description: string }> }>(PROJECT_NAMES)
      return projects.nodes.map(({ name, description }) => ({ value: name, about: description }))
    }
    case 'dags': {
      const { dags } = await query<{ dags: Nodes<Dag> }>(DAG_NAMES)
      return dags.nodes.map(({ name, description, project }) => ({
        value: `${project.name}/${name}`,
        about: description,
      }))
    }
    case 'runs': {
      const [{ runs }, dags] = await Promise.all([
        query<{ runs: Nodes<Run> }>(RUN_IDS),
        ask(api, 'dags', before, signal),
      ])
      return [...dags, ...runs.nodes.map(({ id, name, status }) => ({ value: id, about: `${status} ${name}` }))]
    }
    case 'machines': {
      const { machines } = await query<{ machines: Nodes<{ name: string; host: string }> }>(MACHINE_NAMES)
      return machines.nodes.map(({ name, host }) => ({ value: name, about: host }))
    }
    case 'slas': {
      const { slas } = await query<{ slas: Nodes<{ name: string }> }>(SLA_NAMES)
      return slas.nodes.map(({ name }) => ({ value: name, about: null }))
    }
    case 'pools': {
      const { pools } = await query<{ pools: Nodes<{ name: string }> }>(POOL_NAMES)
      return pools.nodes.map(({ name }) => ({ value: name, about: null }))
    }
    case 'queues': {
      const { queues } = await query<{ queues: Nodes<{ name: string; status: string }> }>(QUEUE_NAMES)
      return queues.nodes.map(({ name, status }) => ({ value: name, about: status }))
    }
    case 'tasks': {
      const id = await resolveRun(api, before[0] ?? '')
      const { run } = await query<{ run: { instances: Nodes<{ taskKey: string; status: string }> } | null }>(
        TASK_KEYS,
        { id },
      )
      return (run?.instances.nodes ?? []).map(({ taskKey, status }) => ({ value: taskKey, about: status }))
    }
    default:
      return []
  }
}

interface Dag {
  readonly name: string
  readonly description: string | null
  readonly project: { readonly name: string }
}

interface Run {
  readonly id: string
  readonly name: string
  readonly status: string
}
