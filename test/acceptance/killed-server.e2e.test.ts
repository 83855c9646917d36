import { setTimeout as pause } from 'node:timers/promises'
import { sized } from '../helpers/long.js'
import { scaled } from '../helpers/scale.js'
import { until } from '../helpers/until.js'
import { recordingDag } from './generated-dag.js'
import { Recorder } from './recorder.js'
import { createProject, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'
import { chooseShape, expectWhole } from './whole-run.js'

const KILLS = sized(10, 4)
/** 297 tasks, or 121. */
const WIDTH = sized(90, 35)

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

/**
 * Kills the server each time another part of the tasks has begun and a random moment has passed; every third start
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

it(`a server that is killed -9 ${KILLS} times during a run: every task runs once, and nothing of its history is lost`, async () => {
  const shape = await chooseShape(scaled(WIDTH))
  const dag = await publish(session, await createProject(session, 'mosaics'), recordingDag('montage', shape))
  const run = await trigger(session, dag, { recorder: recorder.file })
  await killOften(shape.needs.size)
  expect((await runEnd(session, run, 240_000)).status).toBe('SUCCEEDED')
  await expectWhole(session, sandbox, run, shape, await recorder.lines())
}, 600_000)
