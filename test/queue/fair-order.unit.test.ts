import fc from 'fast-check'
import { NO_MACHINE_NEEDED } from '../../src/domain/queue/lane.js'
import type { Candidate } from '../../src/queue/candidate.js'
import { inFairOrder } from '../../src/queue/fair-order.js'
import type { Capacity } from '../../src/queue/look-for-work.js'
import { pick } from '../../src/queue/pick.js'
import { Turns } from '../../src/queue/turns.js'

type Held = Record<string, number>

function capacity(free: number, held: Held = {}, cpu = 1_000): Capacity {
  return {
    queues: new Map([
      ['default', { poolId: 'pool_1', priority: 0, free, projectIds: [] }],
      ['urgent', { poolId: 'pool_1', priority: 1, free, projectIds: [] }],
    ]),
    pools: new Map([['pool_1', { freeCpu: cpu, freeMemoryBytes: 1e12 }]]),
    uses: new Map([['default', new Map(Object.entries(held))]]),
    slots: new Map(),
  }
}

let made = 0
function candidate(projectId: string, rank: number, change: Partial<Candidate> = {}): Candidate {
  made += 1
  const id = { instanceId: `instance_${String(made).padStart(6, '0')}`, runId: 'run_1', taskKey: 't' }
  const wish = { queue: 'default', placement: NO_MACHINE_NEEDED, cpu: 0, memoryBytes: 0 }
  return { ...id, ...wish, projectId, rank, isOverdue: false, isStuck: false, ...change }
}

const order = (candidates: readonly Candidate[], held: Held = {}, turns = new Turns()) =>
  inFairOrder(candidates, capacity(10, held), turns).map(({ projectId, rank }) => `${projectId}${rank}`)

it('whoever holds least of the queue goes next, what it is given counted; equals by rank', () => {
  const all = [candidate('a', 1), candidate('a', 2), candidate('a', 3), candidate('b', 7), candidate('b', 8)]
  expect(order(all)).toEqual(['a1', 'b7', 'a2', 'b8', 'a3'])
  expect(order(all, { a: 1 })).toEqual(['b7', 'a1', 'b8', 'a2', 'a3'])
  expect(order(all, { a: 5 })).toEqual(['b7', 'b8', 'a1', 'a2', 'a3'])
})

it('what is stuck has its turn as if it were next, and costs its project nothing', () => {
  const stuck = { isStuck: true, cpu: 99 }
  const all = [candidate('a', 1, stuck), candidate('a', 2, stuck), candidate('a', 3), candidate('b', 7)]
  expect(order(all)).toEqual(['a1', 'a2', 'a3', 'b7'])
  expect(order(all, { a: 1 })).toEqual(['b7', 'a1', 'a2', 'a3'])
})

it('among those who hold equally much it is the turn of the one who has waited for it longest', () => {
  const turns = new Turns()
  const all = [candidate('a', 1), candidate('b', 2), candidate('c', 3)]
  const chosen: string[] = []
  for (let round = 0; round < 6; round += 1) {
    const [next] = inFairOrder(all, capacity(1), turns)
    chosen.push((next as Candidate).projectId)
    turns.note([next as Candidate])
  }
  expect(chosen.join('')).toBe('abcabc')
})

it('queues compete by rank and priority, whoever of each goes next', () => {
  const urgent = candidate('c', 30_000, { queue: 'urgent' })
  const all = [urgent, candidate('a', 1_000), candidate('a', 2_000), candidate('b', 90_000)]
  expect(order(all)).toEqual(['c30000', 'a1000', 'b90000', 'a2000'])
})

it('with one project the order is that of ranks, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 20 }), fc.nat(9), (ranks, held) => {
      const all = ranks.map((rank) => candidate('a', rank))
      const expected = [...all].sort((x, y) => x.rank - y.rank || (x.instanceId < y.instanceId ? -1 : 1))
      expect(inFairOrder(all, capacity(10, { a: held }), new Turns())).toEqual(expected)
    }),
  )
})

/** A queue whose projects all have more waiting than they ever get, in the order of their names. */
class Crowd {
  readonly held: string[] = []
  readonly dispatchers: readonly Turns[]

  constructor(
    readonly projects: readonly string[],
    readonly capacity: number,
    dispatchers: number,
  ) {
    this.dispatchers = Array.from({ length: dispatchers }, () => new Turns())
  }

  /** One that runs ends, by chance `which`, and the dispatcher fills what is free. Whose work it started. */
  step(which: number, dispatcher: number): string[] {
    if (this.held.length > 0) this.held.splice(which % this.held.length, 1)
    const free = this.capacity - this.held.length
    const waiting = this.projects.flatMap((project, at) =>
      Array.from({ length: free }, (_, n) => candidate(project, at * 1_000_000 + n)),
    )
    const held = Object.fromEntries(this.projects.map((each) => [each, this.held.filter((h) => h === each).length]))
    const turns = this.dispatchers[dispatcher % this.dispatchers.length] as Turns
    const picked = pick(waiting, capacity(free, held), { machines: [], limit: free }, turns)
    turns.note(picked.map((each) => each.candidate))
    const started = picked.map((each) => each.candidate.projectId)
    this.held.push(...started)
    return started
  }
}

it('no project starves: who holds nothing is passed over at most once by each dispatcher for each other project', () => {
  fc.assert(
    fc.property(
      fc.record({ projects: fc.integer({ min: 2, max: 5 }), capacity: fc.integer({ min: 1, max: 6 }) }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 60, maxLength: 60 }),
      (size, dispatchers, chances) => {
        const names = Array.from({ length: size.projects }, (_, at) => `project_${at}`)
        const crowd = new Crowd(names, size.capacity, dispatchers)
        const passedOver = new Map(names.map((name) => [name, 0]))
        for (const [which, dispatcher] of chances) {
          for (const started of crowd.step(which, dispatcher)) {
            for (const name of names) {
              const isWaitingForAny = name !== started && !crowd.held.includes(name)
              passedOver.set(name, isWaitingForAny ? (passedOver.get(name) as number) + 1 : 0)
            }
          }
          expect(Math.max(...passedOver.values())).toBeLessThanOrEqual(dispatchers * (size.projects - 1))
        }
      },
    ),
  )
})

it('a project that came late has its equal share as soon as so much has ended', () => {
  const crowd = new Crowd(['a'], 6, 1)
  crowd.step(0, 0)
  const both = new Crowd(['a', 'b'], 6, 1)
  both.held.push(...crowd.held)
  for (let ended = 0; ended < 3; ended += 1) both.step(0, 0)
  expect(both.held.filter((project) => project === 'b')).toHaveLength(3)
})

it('a large task does not starve behind small ones: once it is overdue it starts when what runs has ended', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 2, max: 8 }),
      (chances, wish) => {
        const running = Array.from({ length: 8 }, () => 1)
        const large = candidate('a', 0, { cpu: wish, isOverdue: true })
        let startedAfter: number | null = null
        for (const [ended, which] of chances.entries()) {
          if (running.length > 0) running.splice(which % running.length, 1)
          const free = 8 - running.reduce((sum, cpu) => sum + cpu, 0)
          const small = Array.from({ length: 10 }, (_, at) => candidate(at % 2 === 0 ? 'a' : 'b', 10 + at, { cpu: 1 }))
          const held = { a: 4, b: 4 }
          const picked = pick([large, ...small], capacity(100, held, free), { machines: [], limit: 100 })
          if (picked.some((each) => each.candidate === large)) {
            startedAfter = ended + 1
            break
          }
          running.push(...picked.map(() => 1))
        }
        expect(startedAfter).toBe(wish)
      },
    ),
  )
})
