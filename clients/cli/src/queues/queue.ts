import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { printFields } from '../output/table.js'
import type { Colour, Terminal } from '../terminal.js'
import { type World, withConnection } from '../world.js'

/** A queue as every command shows it. */
export interface Queue {
  readonly id: string
  readonly name: string
  readonly status: 'OPEN' | 'PAUSED' | 'DRAINING'
  readonly capacity: number
  readonly currentLoad: number
  readonly depth: number
  readonly priority: number
  readonly pool: { readonly name: string }
  readonly projects: readonly { readonly name: string }[]
}

export const QUEUE_FIELDS = /* GraphQL */ `
  fragment QueueFields on Queue { id name status capacity currentLoad depth priority pool { name } projects { name } }
`

const QUEUE = /* GraphQL */ `
  query Queue($name: String!) { queue(name: $name) { ...QueueFields } }
  ${QUEUE_FIELDS}
`

const UPDATE_QUEUE = /* GraphQL */ `
  mutation UpdateQueue($input: UpdateQueueInput!) {
    updateQueue(input: $input) { queue { ...QueueFields } userErrors { message code path } }
  }
  ${QUEUE_FIELDS}
`

type Input = Readonly<Record<string, unknown>>

/** The queue of that name. Throws NotFoundFailure. */
export async function findQueue(api: Api, name: string): Promise<Queue> {
  const { data } = await api.query<{ queue: Queue | null }>(QUEUE, { name })
  if (data.queue === null) throw new NotFoundFailure(`Queue ${name}: does not exist`, 'dagbook queue list')
  return data.queue
}

/** Changes what is given of the queue of that name, and nothing else of it; answers with the queue afterwards. */
export function updateQueue(world: World, name: string, input: Input | ((api: Api) => Promise<Input>)): Promise<Queue> {
  return withConnection(world, async ({ api }) => {
    const { id: queueId } = await findQueue(api, name)
    const given = { ...(typeof input === 'function' ? await input(api) : input), queueId }
    const next = `dagbook queue show ${name}`
    return (await change<{ queue: Queue }>(api, UPDATE_QUEUE, given, next, 'dagbook queue list')).queue
  })
}

/** What a queue is, a line each. */
export function printQueue(terminal: Terminal, queue: Queue): void {
  const { name, status, capacity, currentLoad, depth, priority, pool, projects } = queue
  printFields(terminal, 'QUEUE', name, [
    ['status', status],
    ['in use', `${currentLoad} of ${capacity}`],
    ['waiting', String(depth)],
    ['priority', String(priority)],
    ['pool', pool.name],
    ['projects', projects.map((project) => project.name).join(' ') || 'all'],
  ])
}

/** The colour of a queue's status, the same everywhere. */
export function queueColour(status: Queue['status']): Colour {
  return { OPEN: 'green', PAUSED: 'yellow', DRAINING: 'gray' }[status] as Colour
}
