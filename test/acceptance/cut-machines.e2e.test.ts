import { chmod, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { sized } from '../helpers/long.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import { recordingDag } from './generated-dag.js'
import { Recorder } from './recorder.js'
import { createProject, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'
import { chooseShape, expectWhole } from './whole-run.js'

const ENV = { DAGBOOK_EXAMPLES: 'off' }
const KILLS = sized(5, 2)
/** 150 tasks, or 86. */
const WIDTH = sized(44, 24)
const PATIENCE_MS = sized(3_600_000, 900_000)

let sandbox: Sandbox
let server: Server
let session: Session
let recorder: Recorder
const hosts: { name: string; sshd: Sshd; proxy: TcpProxy; login: Awaited<ReturnType<typeof plainLogin>> }[] = []

beforeAll(async () => {
  sandbox = await Sandbox.make()
  recorder = new Recorder(sandbox)
  // All users of all hosts write to it.
  await writeFile(recorder.file, '')
  await chmod(recorder.file, 0o666)
  server = await sandbox.start(ENV)
  session = await Session.open(server)
  for (const name of ['one', 'two']) await addHost(name)
}, 300_000)

afterAll(async () => {
  await sandbox.close()
  for (const { proxy, sshd, login } of hosts) {
    await proxy.close()
    await sshd.stop()
    await login.remove()
  }
})

async function addHost(name: string): Promise<void> {
  const login = await plainLogin()
  const sshd = await startSshd({ login: login.name })
  const proxy = await TcpProxy.open(`tcp://127.0.0.1:${sshd.port}`)
  hosts.push({ name, sshd, proxy, login })
  const query = `mutation ($input: RegisterMachineInput!) {
    registerMachine(input: $input) { machine { id } userErrors { message } }
  }`
  const { privateKey } = sshd.options
  const address = { name, host: '127.0.0.1', port: proxy.port, loginUser: login.name, slots: 6 }
  await session.ask(query, { input: { ...address, privateKey, hostKeyFingerprint: sshd.hostKey.fingerprint } })
  const status = async () =>
    (await session.ask('query ($name: String!) { machine(name: $name) { status } }', { name })).machine.status
  await until(`${name} to be ONLINE`, async () => (await status()) === 'ONLINE', 60_000)
}

/** Ways to lose a connection; the last two are over after a while. */
const CUTS: readonly ((proxy: TcpProxy) => Promise<void>)[] = [
  async (proxy) => proxy.reset(),
  async (proxy) => proxy.halfOpen(),
  async (proxy) => proxy.cutAfter(Math.floor(Math.random() * 60_000)),
  async (proxy) => {
    proxy.hold()
    await pause(2_000 + Math.random() * 6_000)
    proxy.release()
  },
  async (proxy) => {
    proxy.isRefusing = true
    proxy.reset()
    await pause(1_000 + Math.random() * 3_000)
    proxy.isRefusing = false
  },
]

/** A cut every few seconds, of the hosts in turn, until the signal aborts. Answers how many there were. */
async function cutOften(signal: AbortSignal): Promise<number> {
  for (let cut = 0; ; cut += 1) {
    await pause(1_000 + Math.random() * 2_000)
    if (signal.aborted) return cut
    const { proxy } = hosts[cut % hosts.length] as (typeof hosts)[number]
    await CUTS[cut % CUTS.length]?.(proxy)
  }
}

/** Kills the server each time that another part of the tasks has begun and a random moment has passed. */
async function killOften(count: number): Promise<void> {
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const begun = async () => (await recorder.lines()).filter((line) => line.startsWith('begin')).length
    await until(`part ${kill} of the run`, async () => (await begun()) >= (count * kill) / (KILLS + 1), PATIENCE_MS)
    await pause(Math.random() * 300)
    await server.kill9()
    server = await sandbox.start(ENV)
  }
}

it(
  `a run over local and two machines whose connections are cut every few seconds, its server killed ${KILLS} times: every task runs once, and nothing is lost`,
  async () => {
    const shape = await chooseShape(WIDTH)
    const definition = recordingDag('montage', shape, [null, 'one', 'two'])
    const dag = await publish(session, await createProject(session, 'mosaics'), definition)
    const run = await trigger(session, dag, { recorder: recorder.file })
    const stopping = new AbortController()
    const cutting = cutOften(stopping.signal)
    const working = killOften(shape.needs.size).then(() => runEnd(session, run, PATIENCE_MS))
    const end = await working.finally(() => stopping.abort())
    expect(end.status).toBe('SUCCEEDED')
    const cuts = await cutting
    console.log(`${shape.needs.size} tasks, ${cuts} cuts, ${KILLS} kills`)
    // Each way to lose a connection.
    expect(cuts).toBeGreaterThanOrEqual(CUTS.length)
    await expectWhole(session, sandbox, run, shape, await recorder.lines())
    const query = 'query ($id: ID!) { run(id: $id) { instances(first: 1000) { nodes { machine { name } } } } }'
    const { nodes } = (await session.ask(query, { id: run })).run.instances
    const used = new Set(nodes.map(({ machine }: { machine: { name: string } | null }) => machine?.name))
    expect(used).toEqual(new Set(['local', 'one', 'two']))
  },
  2 * PATIENCE_MS,
)
