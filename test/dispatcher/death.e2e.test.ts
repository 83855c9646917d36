import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { compileSources } from '../helpers/compile.js'
import { sized } from '../helpers/long.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { type OtherDispatcher, startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let compiled: string
/** Asks for runs; it does not dispatch. */
let server: Wiring
let others: OtherDispatcher[]

beforeAll(async () => {
  scene = await Scene.open()
  compiled = await compileSources(path.join(scene.dir, 'compiled'))
  server = await scene.server()
})

beforeEach(() => {
  others = []
})

afterEach(async () => {
  for (const other of others) await other.kill()
})

afterAll(() => scene.close())

async function start(): Promise<OtherDispatcher> {
  const other = await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir })
  others.push(other)
  return other
}

const LINES = 30

/** Records its start, and tells much while it runs. */
function talker(record: string, seconds: number): string {
  return `echo "$DAGBOOK_TASK $DAGBOOK_ATTEMPT" >> ${record}
    n=0; while [ $n -lt ${LINES} ]; do echo "$DAGBOOK_TASK line $n"; n=$((n + 1)); sleep ${seconds / LINES}; done`
}

/** What a talker says, whole and once. */
async function expectWhole(instance: { id: string; task_key: string }): Promise<void> {
  const chunks = await chunksOf(scene.db.owner, instance.id)
  const text = Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString()
  const expected = Array.from({ length: LINES }, (_, n) => `${instance.task_key} line ${n}\n`).join('')
  expect(text).toBe(expected)
}

it('every task runs exactly once, whole, however often the dispatcher is killed', async () => {
  const width = sized(20, 10)
  const keys = Array.from({ length: 2 * width }, (_, index) => `t${index}`)
  const needsOf = (index: number) => (index < width ? [] : [`t${index - width}`])
  const tasks = Object.fromEntries(
    keys.map((key, index) => [key, { run: talker('starts', 0.6), needs: needsOf(index) }]),
  )
  const run = await requestRun(server.bus, dag(tasks))
  let kills = 0
  for (;;) {
    const other = await start()
    // Each may live a little longer: however slow the machine, one of them gets as far as a report.
    const lifeMs = 150 + Math.random() * 1_000 * (1 + kills / 4)
    const isOver = await Promise.race([scene.ended(run).then(() => true), pause(lifeMs, false)])
    await other.kill()
    if (isOver) break
    kills += 1
    await scene.expire(other.node)
  }
  expect(kills).toBeGreaterThan(1)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const starts = await linesOf(path.join(scene.dir, 'starts'))
  expect(starts.sort()).toEqual(keys.map((key) => `${key} 1`).sort())
  for (const instance of Object.values(await scene.instances(run))) await expectWhole(instance)
})

it('a dispatcher that stood still past its lease, and its successor, start nothing twice and store no byte twice', async () => {
  const keys = Array.from({ length: 6 }, (_, index) => `s${index}`)
  const first = await start()
  const run = await requestRun(
    server.bus,
    dag(Object.fromEntries(keys.map((key) => [key, { run: talker('still', 3) }]))),
  )
  await until('all to start', async () => (await linesOf(path.join(scene.dir, 'still'))).length === 6)
  first.signal('SIGSTOP')
  await scene.expire(first.node)
  await start()
  await until('all to be taken over', async () => {
    const types = await Promise.all(keys.map((key) => scene.history(run, key)))
    return types.every((list) => list.includes('InstanceReattached'))
  })
  first.signal('SIGCONT')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await linesOf(path.join(scene.dir, 'still'))).sort()).toEqual(keys.map((key) => `${key} 1`))
  for (const instance of Object.values(await scene.instances(run))) {
    await expectWhole(instance)
    const history = await scene.history(run, instance.task_key)
    expect(history.filter((type) => /Dispatched|Started|Succeeded/.test(type))).toEqual([
      'InstanceDispatched',
      'InstanceStarted',
      'InstanceSucceeded',
    ])
    expect(history.filter((type) => type === 'InstanceReattached')).toHaveLength(1)
  }
})

it('a dispatcher that is asked to stop leaves commands to run on, and the next finds them', async () => {
  const first = await start()
  const run = await requestRun(server.bus, dag({ a: { run: talker('asked', 2) }, b: { run: talker('asked', 2) } }))
  await until('both to start', async () => (await linesOf(path.join(scene.dir, 'asked'))).length === 2)
  first.signal('SIGTERM')
  expect(await first.gone).toBe(0)
  await scene.expire(first.node)
  await start()
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await linesOf(path.join(scene.dir, 'asked'))).sort()).toEqual(['a 1', 'b 1'])
  for (const instance of Object.values(await scene.instances(run))) await expectWhole(instance)
})
