import fc from 'fast-check'
import { ANY_MACHINE, NO_MACHINE_NEEDED } from '../../src/domain/queue/lane.js'
import type { Candidate, OfferedMachine } from '../../src/queue/candidate.js'
import type { Capacity } from '../../src/queue/look-for-work.js'
import { pick } from '../../src/queue/pick.js'

const A: OfferedMachine = { id: 'machine_a', name: 'a' }
const B: OfferedMachine = { id: 'machine_b', name: 'b' }
const C: OfferedMachine = { id: 'machine_c', name: 'c' }

/** Where the machines belong, and what they take. */
const TERMS: Record<string, { poolId: string; labels: string[]; projectIds: string[] }> = {
  machine_a: { poolId: 'pool_1', labels: [], projectIds: [] },
  machine_b: { poolId: 'pool_1', labels: ['gpu', 'big'], projectIds: [] },
  machine_c: { poolId: 'pool_2', labels: ['gpu'], projectIds: ['project_1'] },
}

interface Room {
  readonly free?: number
  readonly cpu?: number
  readonly memory?: number
  readonly slots?: Record<string, number>
}

function capacity({ free = 10, cpu = 8, memory = 1_000, slots = { machine_a: 4, machine_b: 4 } }: Room = {}): Capacity {
  return {
    queues: new Map([
      ['default', { poolId: 'pool_1', priority: 0, free, projectIds: [] }],
      ['urgent', { poolId: 'pool_1', priority: 5, free: 10, projectIds: [] }],
      ['elsewhere', { poolId: 'pool_2', priority: 0, free: 10, projectIds: [] }],
      ['private', { poolId: 'pool_1', priority: 0, free: 10, projectIds: ['project_2'] }],
    ]),
    pools: new Map([
      ['pool_1', { freeCpu: cpu, freeMemoryBytes: memory }],
      ['pool_2', { freeCpu: 8, freeMemoryBytes: 1_000 }],
    ]),
    uses: new Map(),
    slots: new Map(
      Object.entries(slots).map(([id, free]) => [id, { free, ...(TERMS[id] as (typeof TERMS)[string]) }] as const),
    ),
  }
}

let made = 0
function candidate(change: Partial<Candidate> = {}): Candidate {
  made += 1
  const id = { instanceId: `instance_${String(made).padStart(4, '0')}`, runId: 'run_1', taskKey: 't' }
  return {
    ...id,
    queue: 'default',
    projectId: 'project_1',
    placement: ANY_MACHINE,
    rank: 0,
    cpu: 0,
    memoryBytes: 0,
    isOverdue: false,
    isStuck: false,
    ...change,
  }
}

const picked = (candidates: readonly Candidate[], room: Room = {}, machines = [A, B], limit = 100) =>
  pick(candidates, capacity(room), { machines, limit })

const ids = (all: readonly { readonly candidate: Candidate }[]) => all.map((each) => each.candidate.instanceId)

describe('who may start', () => {
  it('is chosen by rank, ties by id, a queue’s priority worth a minute a step', () => {
    const [late, early, tie1, tie2, urgent] = [
      candidate({ rank: 500 }),
      candidate({ rank: 100 }),
      candidate({ rank: 300 }),
      candidate({ rank: 300 }),
      candidate({ rank: 299_000, queue: 'urgent' }),
    ]
    expect(ids(picked([late, tie2, early, tie1, urgent]))).toEqual(
      [urgent, early, tie1, tie2, late].map((each) => each.instanceId),
    )
  })

  it('ends at the limit', () => {
    expect(picked([candidate(), candidate(), candidate()], {}, [A, B], 2)).toHaveLength(2)
  })

  it('ends where the queue is full', () => {
    expect(picked([candidate(), candidate(), candidate()], { free: 2 })).toHaveLength(2)
    expect(picked([candidate()], { free: 0 })).toEqual([])
    expect(picked([candidate()], { free: -3 })).toEqual([])
  })

  it('leaves out who asks for more cpu or memory than is left, and goes on with the next', () => {
    const [big, small] = [candidate({ rank: 1, cpu: 9 }), candidate({ rank: 2, cpu: 8 })]
    expect(ids(picked([big, small]))).toEqual([small.instanceId])
    const [first, second, third] = [600, 600, 400].map((memoryBytes, rank) => candidate({ rank, memoryBytes }))
    expect(ids(picked([first!, second!, third!]))).toEqual([first!.instanceId, third!.instanceId])
  })

  it('waits where the queue is paused or unknown, or its pool is', () => {
    expect(picked([candidate({ queue: 'paused' })])).toEqual([])
    const without = { ...capacity(), pools: new Map() }
    expect(pick([candidate()], without, { machines: [A], limit: 5 })).toEqual([])
  })
})

describe('room', () => {
  it('is kept for the first that has waited too long for it: what comes later starts only beside it', () => {
    const large = candidate({ rank: 1, cpu: 6, isOverdue: true })
    const [one, nothing] = [candidate({ rank: 2, cpu: 1 }), candidate({ rank: 3 })]
    const before = candidate({ rank: 0, cpu: 1 })
    expect(ids(picked([large, one, nothing, before], { cpu: 5 }))).toEqual([before.instanceId, nothing.instanceId])
    expect(ids(picked([{ ...large, isOverdue: false }, one], { cpu: 5 }))).toEqual([one.instanceId])
    // Its pool's, and nobody else's.
    const elsewhere = candidate({ rank: 4, cpu: 1, queue: 'elsewhere' })
    const slots = { machine_a: 4, machine_c: 4 }
    expect(ids(picked([large, one, elsewhere], { cpu: 5, slots }, [A, C]))).toEqual([elsewhere.instanceId])
  })

  it('is kept for what nobody here can start, which is never chosen', () => {
    const [stuck, one] = [candidate({ rank: 1, cpu: 6, isStuck: true }), candidate({ rank: 2, cpu: 3 })]
    expect(picked([stuck, one])).toEqual([])
    expect(picked([stuck, { ...one, cpu: 2 }])).toHaveLength(1)
  })

  it('that is less than none keeps nobody waiting who asks for nothing', () => {
    expect(picked([candidate({ cpu: 0.5 }), candidate({ rank: 1 })], { cpu: -3, memory: -5 })).toHaveLength(1)
  })

  it('of a queue is for its projects', () => {
    const mine = candidate({ queue: 'private' })
    expect(picked([mine])).toEqual([])
    expect(picked([{ ...mine, projectId: 'project_2' }])).toHaveLength(1)
  })
})

describe('the machine', () => {
  it('is the freest of the queue’s pool', () => {
    const all = picked([candidate(), candidate(), candidate()], { slots: { machine_a: 3, machine_b: 1 } })
    expect(all.map(({ machine }) => machine?.name)).toEqual(['a', 'a', 'a'])
  })

  it('has all the labels that are asked for, in whatever order', () => {
    for (const placement of ['+gpu', '+big+gpu']) expect(picked([candidate({ placement })])[0]?.machine).toBe(B)
    expect(picked([candidate({ placement: '+gpu+small' })])).toEqual([])
    // Of another pool.
    expect(picked([candidate({ placement: '+gpu' })], { slots: { machine_c: 4 } }, [C])).toEqual([])
  })

  it('takes the work of its projects only, by name or not', () => {
    for (const placement of [ANY_MACHINE, '+gpu', 'c']) {
      const mine = candidate({ queue: 'elsewhere', placement })
      expect(picked([mine], { slots: { machine_c: 4 } }, [C])[0]?.machine).toBe(C)
      expect(picked([{ ...mine, projectId: 'project_2' }], { slots: { machine_c: 4 } }, [C])).toEqual([])
    }
  })

  it('takes turns while slots are even', () => {
    const all = picked([candidate(), candidate(), candidate(), candidate()], { slots: { machine_a: 2, machine_b: 2 } })
    expect(all.map(({ machine }) => machine?.name).sort()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('is never of another pool', () => {
    expect(picked([candidate()], { slots: { machine_c: 4 } }, [C])).toEqual([])
    expect(picked([candidate({ queue: 'elsewhere' })], { slots: { machine_c: 4 } }, [A, C])[0]?.machine).toBe(C)
  })

  it('is the one named, and no other, while that is full', () => {
    const named = candidate({ placement: 'b' })
    expect(picked([named])[0]?.machine).toBe(B)
    expect(picked([named], { slots: { machine_a: 4, machine_b: 0 } })).toEqual([])
  })

  it('is none where none is needed, also when all are full or draining', () => {
    const [one] = picked([candidate({ placement: NO_MACHINE_NEEDED })], { slots: {} })
    expect(one?.machine).toBeNull()
    expect(picked([candidate()], { slots: {} })).toEqual([])
  })
})

it('never picks more than there is room for, and no one who would still fit is left behind', () => {
  const arbitrary = fc.record({
    queue: fc.constantFrom('default', 'urgent'),
    placement: fc.constantFrom(ANY_MACHINE, NO_MACHINE_NEEDED, 'a', 'b'),
    rank: fc.nat(1_000_000),
    cpu: fc.constantFrom(0, 0.5, 1, 4),
    memoryBytes: fc.nat(500),
  })
  fc.assert(
    fc.property(
      fc.array(arbitrary, { maxLength: 30 }),
      fc.record({ free: fc.nat(6), cpu: fc.nat(8), memory: fc.nat(2_000), a: fc.nat(4), b: fc.nat(4) }),
      (changes, { free, cpu, memory, a, b }) => {
        const candidates = changes.map((change) => candidate(change))
        const all = picked(candidates, { free, cpu, memory, slots: { machine_a: a, machine_b: b } })
        const sum = (of: (each: Candidate) => number) => all.reduce((total, each) => total + of(each.candidate), 0)
        const left = {
          free: free - all.filter((each) => each.candidate.queue === 'default').length,
          urgent: 10 - all.filter((each) => each.candidate.queue === 'urgent').length,
          cpu: cpu - sum((each) => each.cpu),
          memory: memory - sum((each) => each.memoryBytes),
          a: a - all.filter(({ machine }) => machine === A).length,
          b: b - all.filter(({ machine }) => machine === B).length,
        }
        expect(Math.min(...Object.values(left))).toBeGreaterThanOrEqual(0)
        expect(new Set(ids(all)).size).toBe(all.length)
        const isRoom = ({ queue, placement, cpu, memoryBytes }: Candidate) =>
          (queue === 'default' ? left.free : left.urgent) > 0 &&
          left.cpu >= cpu &&
          left.memory >= memoryBytes &&
          (placement === NO_MACHINE_NEEDED || (placement !== 'b' && left.a > 0) || (placement !== 'a' && left.b > 0))
        const waiting = candidates.filter((each) => !ids(all).includes(each.instanceId))
        expect(waiting.filter(isRoom)).toEqual([])
      },
    ),
  )
})
