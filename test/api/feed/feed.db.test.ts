import { type Client, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import type { Claimed } from '../../../src/commands/claim.js'
import type { NodeId } from '../../../src/domain/ids.js'
import { newId } from '../../../src/platform/ids.js'
import { drive, send } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'
import { done } from '../../helpers/runs.js'
import { until } from '../../helpers/until.js'

const SOURCE = `
name: wide
tasks: { ${Array.from({ length: 40 }, (_, at) => `t${at}: { noop: {} }`).join(', ')} }
`
let f: Flow
let url: string
let projectId: string
let dagId: string
const clients: Client[] = []

beforeAll(async () => {
  f = await openFlow()
  url = `${(await f.api.listen('127.0.0.1', 0)).replace('http', 'ws')}/graphql`
  projectId = await f.project('feed')
  dagId = await f.publish(projectId, SOURCE)
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()))
  await f.close()
})

function connect(token: string): Client {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  })
  clients.push(client)
  return client
}

/** Takes items until there are enough, then unsubscribes. */
async function taken<Item>(
  client: Client,
  query: string,
  variables: object,
  isEnough: (items: Item[]) => boolean,
): Promise<Item[]> {
  const items: Item[] = []
  const stream = client.iterate<Record<string, Item>>({ query, variables: variables as Record<string, unknown> })
  for await (const { data, errors } of stream) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    items.push(Object.values(data as Record<string, Item>)[0] as Item)
    if (isEnough(items)) break
  }
  return items
}

/** As `taken`; what the server refuses is an Error. */
async function take<Item>(...given: Parameters<typeof taken<Item>>): Promise<Item[]> {
  try {
    return await taken<Item>(...given)
  } catch (error) {
    throw error instanceof Error ? error : new Error(JSON.stringify(error))
  }
}

interface Event {
  readonly position: string
  readonly type: string
  readonly version: number
}
const EVENTS =
  'subscription ($f: EventFilter, $a: Position) { events(filter: $f, after: $a) { position type version } }'

test('a subscriber that comes back again and again has every event of a run once, in order', async () => {
  const runId = await f.trigger(dagId)
  const client = connect(f.admin)
  const working = drive(f.services.bus)
  const seen: Event[] = []
  let after = '0'
  for (let turn = 0; !seen.some(({ type }) => type === 'RunSucceeded'); turn += 1) {
    const size = 1 + (turn % 7)
    const items = await take<Event>(
      client,
      EVENTS,
      { f: { runId }, a: after },
      (all) => all.length >= size || all.at(-1)?.type === 'RunSucceeded',
    )
    seen.push(...items)
    after = items.at(-1)?.position ?? after
  }
  await working
  const stored = await f.db.owner.query<{ version: number }>(
    'SELECT version FROM event WHERE stream_id = $1 ORDER BY version',
    [runId],
  )
  expect(seen.map(({ version }) => version)).toEqual(stored.map(({ version }) => version))
  expect(stored.length).toBe(40 * 4 + 3)
})

test("runs and instances come with their state, for the viewer's projects only", async () => {
  const stranger = await f.makeUser('stranger')
  const blocked = take(
    connect(stranger.token),
    'subscription ($id: ID!) { instanceUpdated(runId: $id) { position } }',
    { id: dagId },
    () => true,
  )
  await expect(blocked).rejects.toThrow('NOT_FOUND')
  const mine: unknown[] = []
  const elsewhere = take(connect(stranger.token), 'subscription { events(after: "0") { position } }', {}, (all) => {
    mine.push(...all)
    return true
  })
  elsewhere.catch(() => undefined)
  const runId = await f.trigger(dagId)
  const runs = take<{ event: Event; run: { status: string } }>(
    connect(f.admin),
    'subscription ($id: ID) { runUpdated(runId: $id, after: "0") { position event { type } run { status } } }',
    { id: runId },
    (all) => all.at(-1)?.event.type === 'RunSucceeded',
  )
  const instances = take<{ event: Event; instance: { id: string; status: string } }>(
    connect(f.admin),
    'subscription ($id: ID!) { instanceUpdated(runId: $id, after: "0") { position event { type } instance { id status } } }',
    { id: runId },
    (all) => all.filter(({ instance }) => instance.status === 'SUCCEEDED').length >= 40,
  )
  await drive(f.services.bus)
  expect((await runs).map(({ event }) => event.type)).toEqual(['RunRequested', 'RunStarted', 'RunSucceeded'])
  expect((await runs).at(-1)?.run.status).toBe('SUCCEEDED')
  expect((await instances).every(({ event }) => event.type.startsWith('Instance'))).toBe(true)
  expect(mine).toEqual([])
})

test('the head is told at once and again', async () => {
  const heads = await take<string>(connect(f.admin), 'subscription { headMoved }', {}, (all) => all.length === 2)
  expect(Number(heads[0])).toBeGreaterThan(100)
})

const LOG =
  'subscription ($id: ID!, $n: Int, $a: BigInt) { instanceLog(instanceId: $id, attempt: $n, afterOffset: $a) { offset stream text } }'

test('output is followed over attempts until the instance has ended, and resumed by offset', async () => {
  const logged = await f.publish(projectId, 'name: log\ntasks:\n  a: { noop: {}, retry: { maxAttempts: 2 } }\n')
  const runId = await f.trigger(logged)
  const { run } = await f.get('query ($id: ID!) { run(id: $id) { instance(taskKey: "a") { id } } }', { id: runId })
  const instanceId = run.instance.id
  const write = async (attempt: number, at: number, text: string) => {
    await f.db.owner.query(
      `INSERT INTO output_chunk (instance_id, attempt, byte_offset, stream, stream_offset, bytes, recorded_at)
       VALUES ($1, $2, $3, 'STDOUT', $3, $4, now())`,
      [instanceId, attempt, at, Buffer.from(text)],
    )
    f.services.outputHints.wake([instanceId])
  }
  const all: { offset: string; text: string }[] = []
  const followed = take<{ offset: string; text: string }>(connect(f.admin), LOG, { id: instanceId }, (items) => {
    all.push(items.at(-1) as never)
    return false
  })
  await write(1, 0, 'one ')
  await drive(f.services.bus, ({ attempt }) => ({ outcome: attempt === 1 ? null : 'SUCCEEDED' }))
  await until('the first entry', () => all.length === 1)
  await write(1, 4, 'two')
  const [entry] = await f.db.owner.query<{ fence: number }>('SELECT fence FROM instance WHERE id = $1', [instanceId])
  const nothing = { exitCode: 1, errorMessage: null, cpuSeconds: null }
  await send(f.services.bus, runId, {
    type: 'ReportEnded',
    task: 'a',
    fence: entry?.fence as number,
    outcome: 'FAILED',
    result: nothing,
    output: null,
  })
  await write(2, 0, 'three')
  await drive(f.services.bus)
  await until('the second attempt', async () => {
    await drive(f.services.bus)
    const [row] = await f.db.owner.query<{ status: string }>('SELECT status FROM instance WHERE id = $1', [instanceId])
    if (row?.status === 'SUCCEEDED') return true
    await f.change('retryInstance', 'RetryInstanceInput', { instanceId }, 'instance { id }')
    return false
  })
  await followed
  expect(all.map(({ text }) => text).join('|')).toBe('one |two|three')
  const resumed = await take<{ text: string }>(
    connect(f.admin),
    LOG,
    { id: instanceId, n: 1, a: all[0]?.offset },
    () => false,
  )
  expect(resumed.map(({ text }) => text)).toEqual(['two'])
  const { instance } = await f.get(
    'query ($id: ID!) { instance(id: $id) { all: log(attempt: 1) { entries { text } endOffset isComplete isTruncated } end: log(attempt: 1, lastBytes: 3) { entries { text } endOffset isTruncated isComplete } part: log(attempt: 1, afterOffset: "1", maxBytes: 4) { entries { text } endOffset isComplete } } }',
    { id: instanceId },
  )
  expect(instance).toEqual({
    all: { entries: [{ text: 'one ' }, { text: 'two' }], endOffset: '7', isComplete: true, isTruncated: false },
    end: { entries: [{ text: 'two' }], endOffset: '7', isTruncated: true, isComplete: true },
    part: { entries: [{ text: 'ne ' }, { text: 't' }], endOffset: '5', isComplete: false },
  })
})

test('changes of machines come to whoever is signed in, each with the machine as it is', async () => {
  const { token } = await f.makeUser('looker')
  const { machine } = await f.get('{ machine(name: "local") { id } }')
  const query =
    'subscription ($m: ID, $after: Position) { machineUpdated(machineId: $m, after: $after) { position machine { name slots } } }'
  const change = {
    type: 'UpdateMachine',
    settings: { slots: 7 },
    keyFingerprint: null,
    hostKeyFingerprint: null,
  } as const
  const position = (await f.ask('{ viewer { id } }', { token: f.admin })).extensions.position
  await done(f.services.bus, { aggregate: 'machine', command: change }, machine.id)
  const variables = { m: machine.id, after: position }
  const [update] = await take<Record<string, unknown>>(connect(token), query, variables, (items) => items.length === 1)
  expect(update).toMatchObject({ machine: { name: 'local', slots: 7 } })
  const wrong = take(connect(token), query, { m: 'machine_x' }, () => true)
  await expect(wrong).rejects.toThrow('is not there')
})

const QUEUE_UPDATES = `subscription ($q: ID, $after: Position) {
  queueUpdated(queueId: $q, after: $after) { position queue { name capacity depth currentLoad } } }`
interface QueueUpdate {
  readonly position: string
  readonly queue: { readonly name: string; readonly depth: number; readonly capacity: number }
}

test('a queue is shown as it is after a change, to whoever is signed in, others only when they are asked for', async () => {
  const { token } = await f.makeUser('watcher')
  const make = { name: 'watched', capacity: 3 }
  const { queue } = await f.change('createQueue', 'CreateQueueInput', make, 'queue { id }')
  const { position } = await f.change(
    'updateQueue',
    'UpdateQueueInput',
    { queueId: queue.id, capacity: 4 },
    'queue { id }',
  )
  const late = { q: queue.id, after: Number(position) - 1 }
  const [first] = await take<QueueUpdate>(connect(token), QUEUE_UPDATES, late, () => true)
  expect(first?.queue).toEqual({ name: 'watched', capacity: 4, depth: 0, currentLoad: 0 })
  expect(Number(first?.position)).toBeGreaterThanOrEqual(Number(position))
  const wrong = take(connect(token), QUEUE_UPDATES, { q: 'queue_x' }, () => true)
  await expect(wrong).rejects.toThrow('is not there')
})

test('however much happens in a queue, it is shown four times a second at most, and the last time as it ended', async () => {
  const { queue } = await f.get('{ queue(name: "default") { id } }')
  let seen: readonly QueueUpdate[] = []
  let isDriven = false
  const begin = performance.now()
  const updates = take<QueueUpdate>(connect(f.admin), QUEUE_UPDATES, { q: queue.id, after: 1 }, (items) => {
    seen = items
    return isDriven && items.at(-1)?.queue.depth === 0
  })
  await until('the state at the start', () => seen.length > 0)
  await f.trigger(dagId)
  await until('what waits', () => (seen.at(-1)?.queue.depth ?? 0) > 0)
  // One by one: each is a commit of its own.
  const node = newId('node') as NodeId
  for (let left = 39; left > 0; left -= 1) {
    const [claimed] = await f.services.bus.claim({ node, machines: [], limit: 1 })
    const { runId, taskKey: task, fence } = claimed as Claimed
    const result = { exitCode: null, errorMessage: null, cpuSeconds: null }
    await send(f.services.bus, runId, { type: 'ReportEnded', task, fence, outcome: 'SUCCEEDED', result, output: null })
  }
  isDriven = true
  await drive(f.services.bus)
  await updates
  expect(seen.length).toBeLessThanOrEqual(2 + (performance.now() - begin) / 250)
})
