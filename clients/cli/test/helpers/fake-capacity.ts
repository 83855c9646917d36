import type { Fake } from './fake-journal.js'
import { page } from './fake-shapes.js'

interface Input {
  readonly input: Fake
}

interface Named {
  readonly name: string
}

const BUSY = { message: 'It is in use', code: 'CONFLICT', path: ['queueId'] }

/** Queue `default`, which is busy, and pool `big`; what a test adds and changes is kept. */
export class FakeCapacity {
  private readonly queues = new Map<string, Fake>([['queue_default', queueOf({ name: 'default', capacity: 10 })]])
  private readonly pools = new Map<string, Fake>([
    ['pool_big', poolOf({ name: 'big', totalCpu: 8, totalMemoryMb: 1000 })],
  ])

  root(): Record<string, unknown> {
    return {
      queue: ({ name }: Named) => this.queues.get(`queue_${name}`) ?? null,
      queues: () => page([...this.queues.values()]),
      pool: ({ name }: Named) => this.pools.get(`pool_${name}`) ?? null,
      pools: () => page([...this.pools.values()]),
      createQueue: ({ input }: Input) => payload('queue', kept(this.queues, queueOf(input))),
      updateQueue: ({ input: { queueId, projectIds, poolId, idempotencyKey: _, ...change } }: Input) => {
        const projects = (projectIds as string[] | undefined)?.map((name) => ({ name }))
        const links = { ...(projects && { projects }), ...(poolId !== undefined && { pool: { name: poolId } }) }
        return payload('queue', kept(this.queues, { ...this.queues.get(String(queueId)), ...change, ...links }))
      },
      deleteQueue: ({ input }: Input) =>
        input.queueId === 'queue_default'
          ? { queue: null, userErrors: [BUSY] }
          : removed('queue', this.queues, input.queueId),
      createPool: ({ input }: Input) => payload('pool', kept(this.pools, poolOf(input))),
      updatePool: ({ input: { poolId, idempotencyKey: _, ...change } }: Input) =>
        payload('pool', kept(this.pools, { ...this.pools.get(String(poolId)), ...change })),
      deletePool: ({ input }: Input) => removed('pool', this.pools, input.poolId),
    }
  }
}

function queueOf({ name, capacity, priority = 0 }: Fake): Fake {
  const use = { currentLoad: 2, depth: 5, pool: { name: 'default' }, projects: [] }
  return { id: `queue_${name}`, name, status: 'OPEN', capacity, priority, ...use }
}

function poolOf({ name, totalCpu, totalMemoryMb }: Fake): Fake {
  const use = { usedCpu: 1.5, usedMemoryMb: 20, queues: [{ name: 'default' }], machines: [] }
  return { id: `pool_${name}`, name, status: 'ACTIVE', totalCpu, totalMemoryMb, ...use }
}

function kept(rows: Map<string, Fake>, row: Fake): Fake {
  rows.set(String(row.id), row)
  return row
}

function removed(noun: string, rows: Map<string, Fake>, id: unknown): Fake {
  const row = rows.get(String(id))
  rows.delete(String(id))
  return payload(noun, row as Fake)
}

function payload(noun: string, row: Fake): Fake {
  return { [noun]: row, userErrors: [] }
}
