import type { ClientBase } from 'pg'
import type { MachineTerms } from '../domain/queue/lane.js'
import type { StreamHead } from '../history/lock-streams.js'
import type { Candidate, Offer } from './candidate.js'
import type { Turns } from './turns.js'

/** An instance by its run and task. */
export interface InstanceKey {
  readonly runId: string
  readonly taskKey: string
}

/** What a claim may choose from, and how much of it, all locked until the transaction ends. */
export interface View {
  /** Waiting instances, best rank first. */
  readonly candidates: readonly Candidate[]
  /** The streams of their runs, without those that somebody else holds at this moment. */
  readonly heads: ReadonlyMap<string, StreamHead>
  readonly capacity: Capacity
}

/** What is free; less than nothing where a limit was lowered. */
export interface Capacity {
  readonly queues: ReadonlyMap<string, QueueCapacity>
  readonly pools: ReadonlyMap<string, PoolCapacity>
  /** By queue and project: instances that hold capacity of the queue. */
  readonly uses: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By machine id. */
  readonly slots: ReadonlyMap<string, SlotCapacity>
}

export interface SlotCapacity extends Omit<MachineTerms, 'name'> {
  readonly free: number
}

export interface QueueCapacity {
  readonly poolId: string
  readonly priority: number
  readonly free: number
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly string[]
}

export interface PoolCapacity {
  readonly freeCpu: number
  readonly freeMemoryBytes: number
}

const LOOK = 'SELECT look_for_work($1::text[], $2::integer, $3::text[], $4::text[], $5::text[], $6::jsonb) AS seen'

/** What this transaction does to the queues besides the claim. */
export interface Doing {
  /** Whose hold ends with it, and does not count. */
  readonly released: readonly InstanceKey[]
  /** The queues that it puts something in, whose capacity is to be told in any case. */
  readonly entered: readonly string[]
}

/** At most as many waiting instances as the offer takes, in turns, and what room there is, locked. */
export async function lookForWork(
  tx: ClientBase,
  offer: Offer,
  { released, entered }: Doing,
  turns: Turns,
): Promise<View> {
  const machines = offer.machines.map((machine) => machine.id)
  const [runs, tasks] = [released.map(({ runId }) => runId), released.map(({ taskKey }) => taskKey)]
  const values = [machines, offer.limit, runs, tasks, entered, turns.toJson()]
  const { rows } = await tx.query<{ seen: Seen | null }>({ name: 'look', text: LOOK, values })
  return viewOf(rows[0]?.seen ?? NOTHING)
}

/** What `look_for_work` answers: rows as arrays, to be short. */
interface Seen {
  readonly candidates:
    | readonly [string, string, string, string, string, string, number, number, number, boolean, boolean][]
    | null
  readonly heads: readonly [string, number, string, number, number][] | null
  readonly queues: readonly [string, string, number, number, string[]][] | null
  readonly pools: readonly [string, number, number][] | null
  readonly uses: readonly [string, string, number][] | null
  readonly slots: readonly [string, number, string, string[], string[]][] | null
}

const NOTHING: Seen = { candidates: null, heads: null, queues: null, pools: null, uses: null, slots: null }

function viewOf({ candidates, heads, queues, pools, uses, slots }: Seen): View {
  return {
    candidates: (candidates ?? []).map(
      ([instanceId, runId, taskKey, queue, projectId, placement, rank, cpu, memoryBytes, isOverdue, isStuck]) => {
        const wish = { queue, projectId, placement, rank, cpu, memoryBytes }
        return { instanceId, runId, taskKey, ...wish, isOverdue, isStuck }
      },
    ),
    heads: new Map(
      (heads ?? []).map(([id, version, headHash, firstPosition, lastPosition]) => {
        return [id, { id, version, headHash, firstPosition, lastPosition }]
      }),
    ),
    capacity: {
      queues: new Map(
        (queues ?? []).map(([name, poolId, priority, free, projectIds]) => {
          return [name, { poolId, priority, free, projectIds }]
        }),
      ),
      uses: usesOf(uses ?? []),
      pools: new Map((pools ?? []).map(([id, freeCpu, freeMemoryBytes]) => [id, { freeCpu, freeMemoryBytes }])),
      slots: new Map(
        (slots ?? []).map(([id, free, poolId, labels, projectIds]) => [id, { free, poolId, labels, projectIds }]),
      ),
    },
  }
}

function usesOf(rows: NonNullable<Seen['uses']>): Map<string, Map<string, number>> {
  const uses = new Map<string, Map<string, number>>()
  for (const [queue, projectId, count] of rows) {
    const mine = uses.get(queue) ?? new Map<string, number>()
    uses.set(queue, mine.set(projectId, count))
  }
  return uses
}
