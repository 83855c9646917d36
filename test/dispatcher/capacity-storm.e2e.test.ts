import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { PoolId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { compileSources } from '../helpers/compile.js'
import { sized } from '../helpers/long.js'
import { done, requestRun } from '../helpers/runs.js'
import { checkJournal } from '../history/check-journal.js'
import { linesOf } from '../machines/attempts.js'
import { checkReplay } from '../projections/check-replay.js'
import { type OtherDispatcher, startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

const CAPACITY = 7
const DISPATCHERS = sized(20, 4)
const TASKS = sized(1_000, 84)

let scene: Scene
let compiled: string
const alive = new Set<OtherDispatcher>()

beforeAll(async () => {
  scene = await Scene.open()
  compiled = await compileSources(path.join(scene.dir, 'compiled'))
})

afterAll(async () => {
  await Promise.all([...alive].map((other) => other.kill()))
  await scene.close()
})

async function start(): Promise<void> {
  alive.add(await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir }))
}

/** Kills one at random, as if its lease had run out at once, and starts another. */
async function killOne(): Promise<void> {
  const victim = [...alive][Math.floor(Math.random() * alive.size)] as OtherDispatcher
  alive.delete(victim)
  await victim.kill()
  await scene.expire(victim.node)
  await start()
}

async function haveEnded(count: number): Promise<boolean> {
  return (await scene.db.owner.query('SELECT FROM run WHERE ended_at IS NOT NULL')).length === count
}

/** How many ran at a time at most, by the host's uptime. */
function most(times: readonly string[][]): number {
  const moments = times.flatMap(([, a, b]) => [
    { at: Number(a), step: 1 },
    { at: Number(b), step: -1 },
  ])
  let running = 0
  return Math.max(
    ...moments
      .sort((x, y) => x.at - y.at || x.step - y.step)
      .map(({ step }) => {
        running += step
        return running
      }),
  )
}

it(
  `${DISPATCHERS} dispatchers that are killed at random never run more than the queue's capacity, and nothing leaks`,
  async () => {
    const server = await scene.server()
    const [pool] = await server.reads.query<{ id: PoolId }>("SELECT id FROM pool WHERE name = 'default'")
    const command = { type: 'CreateQueue', name: 'narrow', capacity: CAPACITY, priority: 0, poolId: pool!.id } as const
    await done(server.bus, { aggregate: 'queue', command }, newId('queue'))
    // A machine with room for all: the queue alone limits.
    const slots = {
      type: 'UpdateMachine',
      settings: { slots: 100 },
      keyFingerprint: null,
      hostKeyFingerprint: null,
    } as const
    const [machine] = await server.reads.query<{ id: string }>('SELECT id FROM machine')
    await done(server.bus, { aggregate: 'machine', command: slots }, machine!.id)
    // A task's own record begins and ends inside the attempt; a kill of its dispatcher leaves it alone.
    const text =
      'read a _ < /proc/uptime; sleep 0.8; read b _ < /proc/uptime; echo "$DAGBOOK_RUN_ID/$DAGBOOK_TASK $a $b" >> times'
    const keys = Array.from({ length: TASKS / 2 }, (_, index) => `t${index}`)
    const source = dag(Object.fromEntries(keys.map((key) => [key, { run: text, queue: 'narrow' }])))
    // Two projects, which share the queue.
    const runs = [await requestRun(server.bus, source), await requestRun(server.bus, source)]
    await Promise.all(Array.from({ length: DISPATCHERS }, start))
    let kills = 0
    while (!(await haveEnded(runs.length))) {
      // Between kills some time, of whatever length: which moments are met is left to chance.
      await pause(Math.random() * 1_000)
      await killOne()
      kills += 1
    }
    expect(await Promise.all(runs.map((run) => scene.ended(run)))).toEqual(['SUCCEEDED', 'SUCCEEDED'])
    expect(kills).toBeGreaterThan(0)
    const times = (await linesOf(path.join(scene.dir, 'times'))).map((line) => line.split(' '))
    const wanted = runs.flatMap((run) => keys.map((key) => `${run}/${key}`))
    expect(times.map(([key]) => key).sort()).toEqual(wanted.sort())
    expect(most(times)).toBeLessThanOrEqual(CAPACITY)
    expect(most(times)).toBeGreaterThan(1)
    expect(await scene.db.owner.query('SELECT FROM queue_hold UNION ALL SELECT FROM queue_entry')).toEqual([])
    const { events } = await checkJournal(server.reads)
    await checkReplay(scene.db, events)
  },
  sized(1_800_000, 180_000),
)
