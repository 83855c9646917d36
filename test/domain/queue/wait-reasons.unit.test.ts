import {
  type MachineRoom,
  type QueueRoom,
  type Rooms,
  type Waiter,
  waitReasonsOf,
} from '../../../src/domain/queue/wait-reasons.js'

const POOL: QueueRoom['pool'] = {
  id: 'pool_1',
  name: 'small',
  isPaused: false,
  totalCpu: 8,
  totalMemoryBytes: 4e9,
  freeCpu: 2,
  freeMemoryBytes: 1e9,
  kept: null,
}
const QUEUE: QueueRoom = { status: 'OPEN', capacity: 2, held: 1, projectIds: [], pool: POOL }
const MACHINE: MachineRoom = {
  name: 'm',
  poolId: 'pool_1',
  labels: ['gpu'],
  projectIds: [],
  slots: 4,
  held: 3,
  isReady: true,
  trouble: null,
}
const UPSTREAM: Waiter['upstream'] = { total: 3, succeeded: 1, failed: 0, skipped: 0, open: ['b', 'c'] }
const WAITER: Waiter = {
  status: 'QUEUED',
  run: { status: 'RUNNING', maxParallel: null, activeCount: 0 },
  triggerRule: 'ALL_SUCCESS',
  upstream: UPSTREAM,
  retryAt: null,
  wish: { projectId: 'project_1', queue: 'q', placement: '', cpu: 1, memoryBytes: 1e6 },
}

const shown = (waiter: Waiter, rooms: Rooms) =>
  waitReasonsOf(waiter, rooms).map(({ code, message, needed, available }) =>
    [code, message, ...(needed === null ? [] : [`${needed}/${available}`])].join(' | '),
  )

/** Of an instance in the queue. */
function queued(
  wish: Partial<Waiter['wish']>,
  { queue = {}, pool = {}, machines = [MACHINE], isDispatcherThere = true }: Place = {},
): string[] {
  const room = { ...QUEUE, ...queue, pool: { ...POOL, ...pool } }
  return shown(
    { ...WAITER, wish: { ...WAITER.wish, ...wish } },
    { queues: new Map([['q', room]]), machines, isDispatcherThere },
  )
}

interface Place {
  readonly queue?: Partial<QueueRoom>
  readonly pool?: Partial<QueueRoom['pool']>
  readonly machines?: readonly MachineRoom[]
  readonly isDispatcherThere?: boolean
}

/** Of an instance whose rule has not let it go yet. */
const pending = (more: Partial<Waiter>) =>
  shown({ ...WAITER, status: 'PENDING', ...more }, { queues: new Map(), machines: [], isDispatcherThere: true })

it('nothing keeps what everything has room for', () => {
  expect(queued({})).toEqual([])
  expect(queued({ placement: 'm' })).toEqual([])
  expect(queued({ placement: '+gpu' })).toEqual([])
  expect(queued({ placement: '-' }, { machines: [] })).toEqual([])
})

it('a queue that is paused, gone, kept for others or full, and a pool that is paused', () => {
  expect(queued({}, { queue: { status: 'PAUSED' } })).toEqual(['QUEUE_PAUSED | Queue q is paused'])
  expect(queued({ queue: 'gone' })).toEqual(['QUEUE_PAUSED | Queue gone does not exist any more'])
  expect(queued({}, { queue: { projectIds: ['project_2'] } })).toEqual([
    'QUEUE_PAUSED | Queue q no longer takes the work of its project',
  ])
  expect(queued({}, { queue: { projectIds: ['project_1'] } })).toEqual([])
  expect(queued({}, { pool: { isPaused: true } })).toEqual(['QUEUE_PAUSED | Pool small of queue q is paused'])
  expect(queued({}, { queue: { held: 3 } })).toEqual(['QUEUE_FULL | Queue q is full: 3 of 2 are taken | 1/0'])
  expect(queued({}, { queue: { status: 'DRAINING' } })).toEqual([])
})

it('cpu and memory that are taken, that are kept for another, and that the pool never has', () => {
  expect(queued({ cpu: 3 })).toEqual(['POOL_CPU | It asks for 3 cpus, pool small has 2 left | 3/2'])
  expect(queued({ memoryBytes: 2e9 })).toEqual([
    'POOL_MEMORY | It asks for 2000 MB of memory, pool small has 1000 left | 2000/1000',
  ])
  expect(queued({ cpu: 9 })).toEqual(['POOL_CPU | It asks for 9 cpus, pool small has only 8 in all | 9/2'])
  const kept = { cpu: 8, memoryBytes: 0 }
  expect(queued({}, { pool: { kept } })).toEqual([
    'POOL_CPU | It asks for 1 cpus, what pool small has left is kept for one that asks for 8 and has waited longer | 1/0',
  ])
  expect(queued({ cpu: 0, memoryBytes: 0 }, { pool: { kept, freeCpu: -3, freeMemoryBytes: -1 } })).toEqual([])
})

it('machines that are not there, not ready or full', () => {
  const away = { ...MACHINE, isReady: false, trouble: 'offline' }
  expect(queued({}, { machines: [] })).toEqual([
    "NO_MACHINE_MATCHES | No machine of pool small takes its project's work",
  ])
  expect(queued({ placement: 'x' })).toEqual(['NO_MACHINE_MATCHES | Machine x does not exist any more'])
  expect(queued({ placement: '+gpu+big' })[0]).toContain('has the labels gpu, big')
  expect(queued({ placement: 'm' }, { machines: [{ ...MACHINE, projectIds: ['project_2'] }] })).toEqual([
    "NO_MACHINE_MATCHES | Machine m does not take its project's work",
  ])
  expect(queued({}, { machines: [away] })).toEqual(['MACHINE_OFFLINE | Machine m is not ready (offline)'])
  expect(queued({}, { machines: [away, away] })).toEqual([
    'MACHINE_OFFLINE | None of the 2 machines that would do is ready',
  ])
  const full = { ...MACHINE, held: 4 }
  expect(queued({}, { machines: [full, away] })).toEqual(['MACHINE_FULL | All 4 slots of machine m are taken | 1/0'])
  expect(queued({}, { machines: [full, MACHINE] })).toEqual([])
  expect(queued({ placement: '-' }, { isDispatcherThere: false })).toEqual([
    'MACHINE_OFFLINE | No dispatcher runs at the moment',
  ])
})

it('several reasons stand beside each other', () => {
  const reasons = queued({ cpu: 3 }, { queue: { held: 2 }, machines: [] })
  expect(reasons.map((reason) => reason.split(' ')[0])).toEqual(['QUEUE_FULL', 'POOL_CPU', 'NO_MACHINE_MATCHES'])
})

it('what its rule waits for, by name', () => {
  expect(pending({})).toEqual(['UPSTREAM | It waits for b, c | 3/1'])
  expect(pending({ upstream: { ...UPSTREAM, total: 9 } })).toEqual(['UPSTREAM | It waits for b, c and 6 more | 9/1'])
})

it('a run that has as much under way as it may, whatever rule holds', () => {
  const run = { status: 'RUNNING', maxParallel: 2, activeCount: 2 }
  const done = { total: 2, succeeded: 2, failed: 0, skipped: 0, open: [] }
  const said = 'MAX_PARALLEL | Its run has as many instances under way as it may have at a time (2) | 3/2'
  expect(pending({ run, upstream: done })).toEqual([said])
  expect(pending({ run, triggerRule: 'ONE_SUCCESS' })).toEqual([said])
  // Under skipFailed.
  expect(pending({ run, upstream: { ...done, succeeded: 1, failed: 1 } })).toEqual([said])
  expect(pending({ run })).toEqual(['UPSTREAM | It waits for b, c | 3/1'])
})

it('a run that is paused, or waits for those before it; a retry that is to come', () => {
  const paused = { ...WAITER.run, status: 'PAUSED' }
  expect(pending({ run: paused })).toEqual(['RUN_PAUSED | Its run is paused', 'UPSTREAM | It waits for b, c | 3/1'])
  expect(pending({ run: { ...WAITER.run, status: 'QUEUED' } })[0]).toContain('MAX_PARALLEL | Its run waits for')
  const retryAt = '2026-11-26T03:00:00.000Z'
  expect(pending({ status: 'RETRY_WAIT', retryAt })).toEqual([`SCHEDULED_RETRY | It is tried again at ${retryAt}`])
})
