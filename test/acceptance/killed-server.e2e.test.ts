import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../helpers/until.js'
import { expectedOutput, montage, recordingDag, type Shape } from './generated-dag.js'
import { readWorkflow, shapeOf } from './recorded-workflow.js'
import { Recorder } from './recorder.js'
import {
  createProject,
  type EventFacts,
  type InstanceFacts,
  listEvents,
  listInstances,
  publish,
  runEnd,
  trigger,
} from './runs.js'
import { Sandbox } from './sandbox.js'
import { CHECKOUT, type Server } from './server.js'
import { Session } from './session.js'

const SCALE = Number(process.env.DAGBOOK_TEST_SCALE ?? 1)
const WORKFLOWS = process.env.DAGBOOK_TEST_WORKFLOWS ?? ''
const KILLS = 10

let sandbox: Sandbox
let server: Server
let session: Session
let recorder: Recorder

beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
  session = await Session.open(server)
  recorder = new Recorder(sandbox)
})

afterAll(async () => {
  await sandbox.close()
})

/** The recorded montage (2,122 tasks) where it is at hand. */
async function chooseShape(): Promise<Shape> {
  if (WORKFLOWS === '') return montage(Math.max(8, Math.round(90 * SCALE)))
  return shapeOf(await readWorkflow(path.resolve(WORKFLOWS, 'montage-chameleon-dss-15d-001.json')))
}

/**
 * Kills the server each time another eleventh of the tasks has begun and a random moment has passed; every third start
 * is killed once more, somewhere on its way up.
 */
async function killOften(count: number): Promise<void> {
  const env = { DAGBOOK_EXAMPLES: 'off' }
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const begun = async () => (await recorder.lines()).filter((line) => line.startsWith('begin')).length
    await until(`part ${kill} of the run`, async () => (await begun()) >= (count * kill) / (KILLS + 1), 120_000)
    await pause(Math.random() * 300)
    await server.kill9()
    if (kill % 3 === 0) {
      const halfUp = sandbox.spawn(env)
      await pause(Math.random() * 2_500)
      await halfUp.kill9()
    }
    server = await sandbox.start(env)
  }
}

/** Lines that break the order, or come twice, or never. */
function wrongLines(lines: readonly string[], { needs }: Shape): string[] {
  const place = new Map(lines.map((line, at) => [line, at]))
  const wrong = lines.filter((line, at) => place.get(line) !== at)
  for (const [key, before] of needs) {
    const begin = place.get(`begin ${key}`) ?? -1
    if (begin < 0 || (place.get(`end ${key}`) ?? -1) < begin) wrong.push(`${key} did not begin and end`)
    for (const parent of before) {
      if ((place.get(`end ${parent}`) ?? Number.POSITIVE_INFINITY) > begin) wrong.push(`${key} began before ${parent}`)
    }
  }
  return wrong
}

/** Holes in the positions of all events and in the versions of each stream. */
function holes(events: readonly EventFacts[]): string[] {
  const versions = new Map<string, number>()
  return events.flatMap(({ position, streamId, version }, at) => {
    const expected = (versions.get(streamId) ?? 0) + 1
    versions.set(streamId, version)
    return Number(position) === at + 1 && version === expected ? [] : [`${position} ${streamId} ${version}`]
  })
}

async function wrongOutputs(instances: readonly InstanceFacts[], { needs }: Shape): Promise<string[]> {
  const places = new Map([...needs.keys()].map((key, at) => [key, at]))
  const wrong: string[] = []
  for (const { id, taskKey, attempts } of instances) {
    const expected = expectedOutput(taskKey, places.get(taskKey) as number)
    const last = attempts.at(-1)?.number ?? 0
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = await session.raw(id, last, stream)
      if (text !== expected[stream])
        wrong.push(
          `${taskKey} ${stream} of attempt ${last}: ${text.length} characters ${JSON.stringify(text.slice(0, 300))}`,
        )
    }
  }
  return wrong
}

it(`a server that is killed -9 ${KILLS} times during a run: every task runs once, and nothing of its history is lost`, async () => {
  const shape = await chooseShape()
  const dag = await publish(session, await createProject(session, 'mosaics'), recordingDag('montage', shape))
  const run = await trigger(session, dag, { recorder: recorder.file })
  await killOften(shape.needs.size)
  expect((await runEnd(session, run, 240_000)).status).toBe('SUCCEEDED')

  expect(wrongLines(await recorder.lines(), shape)).toEqual([])
  const instances = await listInstances(session, run)
  expect(instances.map(({ taskKey, status }) => `${taskKey} ${status}`).toSorted()).toEqual(
    [...shape.needs.keys()].map((key) => `${key} SUCCEEDED`).toSorted(),
  )
  expect(await wrongOutputs(instances, shape)).toEqual([])

  expect(holes(await listEvents(session))).toEqual([])
  const ends = await listEvents(session, { runId: run, types: ['InstanceSucceeded', 'RunSucceeded'] })
  expect(ends).toHaveLength(shape.needs.size + 1)

  const env = { PATH: process.env.PATH ?? '', DAGBOOK_DATA_DIR: sandbox.dataDir }
  const rebuild = path.join(CHECKOUT, 'dist/src/operations/rebuild-main.js')
  const check = spawnSync(process.execPath, [rebuild, '--check'], { cwd: CHECKOUT, env, encoding: 'utf8' })
  expect(check).toMatchObject({ status: 0, stdout: expect.stringContaining('All equal') })
}, 600_000)
