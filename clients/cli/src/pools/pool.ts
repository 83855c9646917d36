import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { change } from '../graphql/change.js'
import { printTable } from '../output/table.js'
import type { Colour, Terminal } from '../terminal.js'
import { type World, withConnection } from '../world.js'

/** A pool as every command shows it. */
export interface Pool {
  readonly id: string
  readonly name: string
  readonly status: 'ACTIVE' | 'PAUSED'
  readonly totalCpu: number
  readonly usedCpu: number
  /** Of 10^6 bytes. */
  readonly totalMemoryMb: number
  readonly usedMemoryMb: number
  readonly queues: readonly { readonly name: string }[]
  readonly machines: readonly { readonly name: string }[]
}

export const POOL_FIELDS = /* GraphQL */ `
  fragment PoolFields on Pool {
    id name status totalCpu usedCpu totalMemoryMb usedMemoryMb queues { name } machines { name }
  }
`

const POOL = /* GraphQL */ `
  query Pool($name: String!) { pool(name: $name) { ...PoolFields } }
  ${POOL_FIELDS}
`

const UPDATE_POOL = /* GraphQL */ `
  mutation UpdatePool($input: UpdatePoolInput!) {
    updatePool(input: $input) { pool { ...PoolFields } userErrors { message code path } }
  }
  ${POOL_FIELDS}
`

/** The pool of that name. Throws NotFoundFailure. */
export async function findPool(api: Api, name: string): Promise<Pool> {
  const { data } = await api.query<{ pool: Pool | null }>(POOL, { name })
  if (data.pool === null) throw new NotFoundFailure(`Pool ${name}: does not exist`, 'dagbook pool list')
  return data.pool
}

/** Changes what is given of the pool of that name, and nothing else of it; answers with the pool afterwards. */
export function updatePool(world: World, name: string, input: Readonly<Record<string, unknown>>): Promise<Pool> {
  return withConnection(world, async ({ api }) => {
    const { id: poolId } = await findPool(api, name)
    const next = `dagbook pool show ${name}`
    return (await change<{ pool: Pool }>(api, UPDATE_POOL, { ...input, poolId }, next, 'dagbook pool list')).pool
  })
}

/** What a pool is, a line each. */
export function printPool(terminal: Terminal, pool: Pool): void {
  const { name, status, totalCpu, usedCpu, totalMemoryMb, usedMemoryMb, queues, machines } = pool
  const rows: readonly (readonly [string, string | null])[] = [
    ['status', status],
    ['cpus', `${usedCpu} of ${totalCpu} in use`],
    ['memory', `${Math.round(usedMemoryMb)} of ${Math.round(totalMemoryMb)} MB in use`],
    ['queues', queues.map((queue) => queue.name).join(' ') || null],
    ['machines', machines.map((machine) => machine.name).join(' ') || null],
  ]
  const columns = [
    { head: 'POOL', cell: (row: (typeof rows)[number]) => row[0] },
    { head: name, cell: (row: (typeof rows)[number]) => row[1] },
  ]
  printTable(terminal, columns, rows, '')
}

/** The colour of a pool's status, the same everywhere. */
export function poolColour(status: Pool['status']): Colour {
  return { ACTIVE: 'green', PAUSED: 'yellow' }[status] as Colour
}
