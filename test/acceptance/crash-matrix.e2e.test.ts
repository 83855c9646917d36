import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Gate } from '../helpers/gate.js'
import { until } from '../helpers/until.js'
import { AT_THE_GATE, RECORDER_PARAMETER, Recorder, recorded } from './recorder.js'
import { createProject, getRun, type InstanceFacts, listInstances, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'
import { expectReplayed } from './whole-run.js'

/** Waits at the gate; of a cancel it says that it was told, and waits on. */
const DEAF = {
  run: recorded(`trap 'echo "told $DAGBOOK_TASK" >> "$DAGBOOK_PARAM_RECORDER"' TERM; ${AT_THE_GATE}`),
  grace: '1h',
}
const HOLD = `
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
export default async ({ gate }) => { while (existsSync(gate)) await setTimeout(100) }`
const TELL = `
import { appendFileSync } from 'node:fs'
export default ({ recorder }) => appendFileSync(recorder, 'begin t\\nend t\\n')`

/** The task that comes to stand there, and stays. */
const TASKS = {
  QUEUED: { run: recorded(''), queue: 'closed' },
  // Whose turn of the only thread does not come.
  DISPATCHED: { thread: { module: 'tell.mjs', input: { recorder: { $value: 'parameters.recorder' } } } },
  RUNNING: DEAF,
  RETRY_WAIT: { run: recorded('[ "$DAGBOOK_ATTEMPT" = 2 ] || exit 1'), retry: { maxAttempts: 2, delay: '1h' } },
  SUCCEEDED: { run: recorded('') },
  FAILED: { run: recorded('exit 3') },
  // The only process that hears of it: a shell might outlive its sleep, and go on.
  CANCELED: { run: recorded('exec sleep 600') },
} as const
type Stand = keyof typeof TASKS
type Pair = readonly [run: 'RUNNING' | 'PAUSED' | 'CANCELING', stand: Stand]

/** Every pair but two: what waits in a queue or for a retry when its run is canceled is over at once. */
const PAIRS = (['RUNNING', 'PAUSED', 'CANCELING'] as const).flatMap((run) =>
  (Object.keys(TASKS) as Stand[])
    .filter((stand) => run !== 'CANCELING' || (stand !== 'QUEUED' && stand !== 'RETRY_WAIT'))
    .map((stand): Pair => [run, stand]),
)

function definition([run, stand]: Pair): object {
  // What keeps the run from its end.
  const side = run === 'CANCELING' ? DEAF : TASKS.QUEUED
  const after = { needs: ['t'], when: 'ALL_DONE', run: recorded('') }
  return { name: `${run}-${stand}`, parameters: RECORDER_PARAMETER, tasks: { t: TASKS[stand], side, after } }
}

/** The same servers and data for all plays, one after the other. */
interface Play {
  readonly sandbox: Sandbox
  readonly session: Session
  /** API and scheduler; with them the embedded PostgreSQL. */
  front: Server
  dispatcher: Server
  /** What of the play has a name is called so. */
  name: string
  gate: Gate
}

const FRONT = { DAGBOOK_EXAMPLES: 'off', DAGBOOK_ROLES: 'api,scheduler' }

function spawnDispatcher(sandbox: Sandbox): Server {
  const modules = { DAGBOOK_MODULES_DIR: path.join(sandbox.folder, 'modules'), DAGBOOK_MAX_THREADS: '1' }
  return sandbox.spawn({ DAGBOOK_EXAMPLES: 'off', DAGBOOK_ROLES: 'dispatcher', ...modules })
}

async function open(): Promise<Play> {
  const sandbox = await Sandbox.make()
  const modules = path.join(sandbox.folder, 'modules')
  await mkdir(modules)
  await writeFile(path.join(modules, 'hold.mjs'), HOLD)
  await writeFile(path.join(modules, 'tell.mjs'), TELL)
  const front = await sandbox.start(FRONT)
  const session = await Session.open(front)
  await session.ask(CREATE_QUEUE, { input: { name: 'closed', capacity: 0 } })
  return {
    sandbox,
    session,
    front,
    dispatcher: spawnDispatcher(sandbox),
    name: '',
    gate: await Gate.close(path.join(sandbox.folder, 'gate')),
  }
}

interface Case {
  readonly pair: Pair
  readonly run: string
  readonly recorder: Recorder
}

const CHANGE = {
  PAUSED: 'pauseRun(input: { runId: $id }) { userErrors { message } }',
  CANCELING: 'cancelRun(input: { runId: $id }) { userErrors { message } }',
  RESUMED: 'resumeRun(input: { runId: $id }) { userErrors { message } }',
  INSTANCE_CANCELED: 'cancelInstance(input: { instanceId: $id }) { userErrors { message } }',
  RETRIED: 'retryInstance(input: { instanceId: $id }) { userErrors { message } }',
} as const

const CREATE_QUEUE = 'mutation ($input: CreateQueueInput!) { createQueue(input: $input) { userErrors { message } } }'
const UPDATE_QUEUE = 'mutation ($input: UpdateQueueInput!) { updateQueue(input: $input) { userErrors { message } } }'

async function admit({ session }: Play, capacity: number): Promise<void> {
  const { queue } = await session.ask('{ queue(name: "closed") { id } }')
  await session.ask(UPDATE_QUEUE, { input: { queueId: queue.id, capacity } })
}

const change = ({ session }: Play, how: keyof typeof CHANGE, id: string) =>
  session.ask(`mutation ($id: ID!) { ${CHANGE[how]} }`, { id })

/** Everything stands where its name says; the dispatcher is held still, so that nothing moves any more. */
async function takeStands(play: Play): Promise<Case[]> {
  const { session, sandbox, gate, dispatcher } = play
  const project = await createProject(session, play.name)
  await admit(play, 0)
  const { id } = (await session.ask('{ machine(name: "local") { id } }')).machine
  const update = 'mutation ($input: UpdateMachineInput!) { updateMachine(input: $input) { userErrors { message } } }'
  await session.ask(update, { input: { machineId: id, slots: 30 } })
  const holder = { thread: { module: 'hold.mjs', input: { gate: gate.file } }, idempotent: true }
  const holding = await trigger(session, await publish(session, project, { name: 'holder', ...holder }))
  await stands(play, holding, 'holder', 'RUNNING')
  const cases = await Promise.all(
    PAIRS.map(async (pair): Promise<Case> => {
      const recorder = new Recorder(sandbox, [play.name, ...pair].join('-'))
      const dag = await publish(session, project, definition(pair))
      const run = await trigger(session, dag, { recorder: recorder.file, gate: gate.file })
      return { pair, run, recorder }
    }),
  )
  for (const { pair, run } of cases) {
    await stands(play, run, 'side', pair[0] === 'CANCELING' ? 'RUNNING' : 'QUEUED')
    const begun = pair[1] === 'CANCELED' ? 'RUNNING' : pair[1]
    const { id } = await stands(play, run, 't', begun)
    if (pair[1] === 'CANCELED') await change(play, 'INSTANCE_CANCELED', id)
  }
  for (const { pair, run } of cases) {
    await stands(play, run, 't', pair[1])
    if (['SUCCEEDED', 'FAILED', 'CANCELED'].includes(pair[1])) await stands(play, run, 'after', 'SUCCEEDED')
  }
  process.kill(dispatcher.pid, 'SIGSTOP')
  for (const { pair, run } of cases) if (pair[0] !== 'RUNNING') await change(play, pair[0], run)
  for (const { pair, run } of cases) {
    const isStopping = pair[0] === 'CANCELING' && ['DISPATCHED', 'RUNNING'].includes(pair[1])
    const shown = [pair[0], isStopping ? 'CANCELING' : pair[1]]
    expect([(await getRun(session, run)).status, (await instance(play, run, 't'))?.status]).toEqual(shown)
  }
  return cases
}

async function instance({ session }: Play, run: string, task: string): Promise<InstanceFacts | undefined> {
  return (await listInstances(session, run)).find(({ taskKey }) => taskKey === task)
}

function stands(play: Play, run: string, task: string, status: string): Promise<InstanceFacts> {
  return until(`${task} of ${run} to be ${status}`, async () => {
    const found = await instance(play, run, task)
    return found?.status === status ? found : null
  })
}

const KILLS = {
  async nothing({ dispatcher }: Play) {
    process.kill(dispatcher.pid, 'SIGCONT')
  },
  async dispatcher(play: Play) {
    await play.dispatcher.kill9()
    play.dispatcher = spawnDispatcher(play.sandbox)
  },
  async server(play: Play) {
    await play.front.kill9()
    process.kill(play.dispatcher.pid, 'SIGCONT')
    play.front = await play.sandbox.start(FRONT)
  },
  async PostgreSQL({ session, sandbox, dispatcher }: Play) {
    await sandbox.killPostgres()
    process.kill(dispatcher.pid, 'SIGCONT')
    await sandbox.anotherPostgres()
    await until('an answer', async () => (await session.answer('{ viewer { id } }')).data?.viewer?.id)
  },
}

/** How all of it ended, told so that two plays can be compared. */
async function play(kill: keyof typeof KILLS): Promise<Record<string, unknown>> {
  scene.name = kill
  await scene.gate.open()
  scene.gate = await Gate.close(path.join(scene.sandbox.folder, `${kill}.gate`))
  try {
    const cases = await takeStands(scene)
    await KILLS[kill](scene)
    await letGo(scene, cases)
    const ends: Record<string, unknown> = {}
    for (const { pair, run, recorder } of cases) {
      const { status } = await runEnd(scene.session, run)
      const instances = (await listInstances(scene.session, run)).map(
        ({ taskKey, status: end, exitCode, attempts }) => {
          // A thread is gone with its server: another attempt takes the place of one that never began.
          const tries = pair[1] === 'DISPATCHED' && taskKey === 't' ? 'tries' : attempts.length
          return `${taskKey} ${end} ${exitCode} ${tries}`
        },
      )
      ends[pair.join(' ')] = {
        status,
        instances,
        lines: (await recorder.lines()).filter((line) => !line.startsWith('told')).toSorted(),
      }
    }
    return ends
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${scene.front.output.slice(-4_000)}`, { cause: error })
  } finally {
    // Whatever went wrong: who waits at the gate goes.
    await scene.gate.open()
    process.kill(scene.dispatcher.pid, 'SIGCONT')
  }
}

async function letGo(scene: Play, cases: readonly Case[]): Promise<void> {
  for (const { pair, recorder } of cases) {
    if (pair[0] !== 'CANCELING') continue
    // Or it might come to its own end before anybody told it to stop, as it may without a kill.
    const told = pair[1] === 'RUNNING' ? ['told t', 'told side'] : ['told side']
    await until(`word of the cancel in ${pair.join(' ')}`, async () => {
      const lines = await recorder.lines()
      return told.every((line) => lines.includes(line))
    })
  }
  await scene.gate.open()
  await admit(scene, 30)
  for (const { pair, run } of cases) {
    if (pair[1] === 'RETRY_WAIT') await change(scene, 'RETRIED', (await instance(scene, run, 't'))?.id as string)
    if (pair[0] === 'PAUSED') await change(scene, 'RESUMED', run)
  }
}

let scene: Play
let uninterrupted: Record<string, { status: string; instances: string[]; lines: string[] }>

beforeAll(async () => {
  scene = await open()
  uninterrupted = (await play('nothing')) as typeof uninterrupted
})

afterAll(() => scene.sandbox.close())

it('without a kill each run ends as its name says', () => {
  const endOf = (stand: Stand) => (stand === 'FAILED' ? 'FAILED' : stand === 'CANCELED' ? 'CANCELED' : 'SUCCEEDED')
  for (const [run, stand] of PAIRS) {
    const { status, instances, lines } = uninterrupted[`${run} ${stand}`]!
    const [t] = instances
    expect(instances).toHaveLength(3)
    if (run === 'CANCELING') expect(status).toBe('CANCELED')
    else expect(t).toMatch(new RegExp(`^t ${endOf(stand)} `))
    expect(new Set(lines).size).toBe(stand === 'RETRY_WAIT' ? lines.length - 1 : lines.length)
  }
})

it.each(['dispatcher', 'server', 'PostgreSQL'] as const)(
  'a kill -9 of the %s changes nothing of how they end',
  async (kill) => {
    expect(await play(kill)).toEqual(uninterrupted)
  },
)

it('the tables are what a replay of the whole journal makes', () => expectReplayed(scene.sandbox))
