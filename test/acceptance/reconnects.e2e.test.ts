import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Gate } from '../helpers/gate.js'
import { sized } from '../helpers/long.js'
import { until } from '../helpers/until.js'
import { montage, recordingDag } from './generated-dag.js'
import { AT_THE_GATE, RECORDER_PARAMETER, Recorder, recorded } from './recorder.js'
import { createProject, listEvents, listInstances, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'
import { Feed } from './subscribe.js'

let sandbox: Sandbox
let session: Session
let projectId: string

beforeAll(async () => {
  sandbox = await Sandbox.make()
  session = await Session.open(await sandbox.start({ DAGBOOK_EXAMPLES: 'off' }))
  projectId = await createProject(session, 'followed')
})

afterAll(async () => {
  await sandbox.close()
})

interface Taken<Item> {
  readonly items: readonly Item[]
  readonly cuts: number
}

/**
 * Follows until the last item, cutting the line at random moments: after some items, after some milliseconds, or before
 * the first answer. Each connection goes on behind the last item that was taken.
 */
async function follow<Item>(
  open: (last: Item | undefined) => Promise<Feed<Item>>,
  isLast: (item: Item) => boolean,
  onCut: (cuts: number) => unknown = () => undefined,
): Promise<Taken<Item>> {
  const items: Item[] = []
  for (let cuts = 0; ; cuts += 1) {
    await onCut(cuts)
    const feed = await open(items.at(-1))
    const timer = setTimeout(() => feed.cut(), Math.random() * 150)
    let patience = Math.random() < 0.5 ? Math.ceil(Math.random() * 12) : Number.POSITIVE_INFINITY
    for await (const item of feed) {
      items.push(item)
      patience -= 1
      if (patience <= 0) feed.cut()
      if (patience <= 0 || isLast(item)) break
    }
    clearTimeout(timer)
    const last = items.at(-1)
    if (last !== undefined && isLast(last)) return { items, cuts }
  }
}

interface Position {
  readonly position: string
  readonly event?: { readonly type: string }
  readonly type?: string
  readonly instance?: { readonly taskKey: string }
}

const EVENTS =
  'subscription ($run: ID!, $after: Position) { events(filter: { runId: $run }, after: $after) { position type } }'
const INSTANCES = `subscription ($run: ID!, $after: Position) {
  instanceUpdated(runId: $run, after: $after) { position event { type } instance { taskKey status } }
}`
const RUNS = `subscription ($run: ID!, $after: Position) {
  runUpdated(runId: $run, after: $after) { position event { type } run { status } }
}`

const CUTS = sized(100, 40)

/** A run whose last task waits until the test has cut a line often enough. */
async function startFollowed(): Promise<{ run: string; openGate: () => Promise<void> }> {
  const dag = recordingDag('followed', montage(sized(40, 20))) as { tasks: Record<string, object> }
  dag.tasks.gate = { needs: ['mosaic-0'], run: recorded(AT_THE_GATE) }
  const gate = await Gate.close(path.join(sandbox.folder, 'gate'))
  const recorder = new Recorder(sandbox).file
  const run = await trigger(session, await publish(session, projectId, dag), { recorder, gate: gate.file })
  return { run, openGate: () => gate.open() }
}

async function positions(run: string, isWanted: (type: string) => boolean): Promise<string[]> {
  return (await listEvents(session, { runId: run }))
    .filter(({ type }) => isWanted(type))
    .map(({ position }) => position)
}

it(`a subscriber that loses its line ${CUTS} times during a run has every event once, in order`, async () => {
  const { run, openGate } = await startFollowed()
  // Every run starts after position 0, and nothing of it may be missed: not even what came before the first connection.
  const feedOf = (query: string) => (last: Position | undefined) =>
    Feed.open<Position>(session, query, { run, after: last?.position ?? '0' })
  const isRunEnd = ({ type, event }: Position) => (type ?? event?.type) === 'RunSucceeded'
  // Its event, not its status: each event comes with the instance as it is by now.
  const isGateEnd = (item: Position) => item.event?.type === 'InstanceSucceeded' && item.instance?.taskKey === 'gate'
  const [events, instances, runs] = await Promise.all([
    follow(feedOf(EVENTS), isRunEnd, (cuts) => cuts === CUTS && openGate()),
    follow(feedOf(INSTANCES), isGateEnd),
    follow(feedOf(RUNS), isRunEnd),
  ])
  expect((await runEnd(session, run)).status).toBe('SUCCEEDED')
  expect(events.cuts).toBeGreaterThanOrEqual(CUTS)
  const taken = ({ items }: Taken<Position>) => items.map(({ position }) => position)
  expect(taken(events)).toEqual(await positions(run, () => true))
  expect(taken(instances)).toEqual(await positions(run, (type) => type.startsWith('Instance')))
  expect(taken(runs)).toEqual(await positions(run, (type) => type.startsWith('Run')))
  expect(instances.cuts).toBeGreaterThan(10)
})

interface Entry {
  readonly offset: string
  readonly stream: string
  readonly text: string
}

it('the output of a task, followed while it is written and taken up by offset after each cut, is whole', async () => {
  const text =
    'BEGIN { for (n = 1; n <= 4000; n++) { print n, "żółw 🐢"; if (n % 200 == 0) { fflush(); system("sleep 0.05") } } }'
  const task = { run: recorded(`awk '${text}'\necho done >&2`) }
  const dag = await publish(session, projectId, {
    name: 'talkative',
    parameters: RECORDER_PARAMETER,
    tasks: { talk: task },
  })
  const run = await trigger(session, dag, { recorder: path.join(sandbox.folder, 'talkative') })
  const [instance] = await listInstances(session, run)
  const id = instance?.id as string
  const query = `subscription ($id: ID!, $after: BigInt) {
    instanceLog(instanceId: $id, afterOffset: $after) { offset stream text }
  }`
  const open = (last: Entry | undefined) => Feed.open<Entry>(session, query, { id, after: last?.offset ?? null })
  const { items, cuts } = await follow(open, ({ stream }) => stream === 'STDERR')
  const stdout = items
    .filter(({ stream }) => stream === 'STDOUT')
    .map((entry) => entry.text)
    .join('')
  const expected = Array.from({ length: 4_000 }, (_, n) => `${n + 1} żółw 🐢\n`).join('')
  expect(stdout).toBe(expected)
  await runEnd(session, run)
  expect(await session.raw(id, 1, 'stdout')).toBe(expected)
  expect(await session.raw(id, 1, 'stderr')).toBe('done\n')
  expect(cuts).toBeGreaterThan(5)
})

it('headMoved tells the head of the journal every second, also while nothing happens', async () => {
  const feed = await Feed.open<string>(session, 'subscription { headMoved }')
  const heads: number[] = []
  const begin = performance.now()
  for await (const head of feed) {
    heads.push(Number(head))
    if (heads.length === 2) await createProject(session, 'moved')
    if (heads.length === 4) break
  }
  expect(performance.now() - begin).toBeLessThan(10_000)
  expect(heads.toSorted((a, b) => a - b)).toEqual(heads)
  expect(heads.at(-1)).toBeGreaterThan(heads[0] as number)
})

it('a subscriber outlives the server: it comes back to the next one and goes on where it was', async () => {
  const recorder = new Recorder(sandbox, 'over')
  const run = await trigger(session, await publish(session, projectId, recordingDag('over', montage(16))), {
    recorder: recorder.file,
  })
  const isRunEnd = ({ type }: Position) => type === 'RunSucceeded'
  const server = sandbox.latest
  const restart = async () => {
    await until('half of the run', async () => (await recorder.lines()).length > 50)
    await server.kill9()
    await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
  }
  const restarted = restart()
  const items: Position[] = []
  while (!items.some(isRunEnd)) {
    try {
      const feed = await Feed.open<Position>(session, EVENTS, { run, after: items.at(-1)?.position ?? '0' })
      for await (const item of feed) {
        items.push(item)
        if (isRunEnd(item)) break
      }
    } catch {
      // Nobody listens at the moment.
      await pause(50)
    }
  }
  await restarted
  expect(items.map(({ position }) => position)).toEqual(await positions(run, () => true))
})
