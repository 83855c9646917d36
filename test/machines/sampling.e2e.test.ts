import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { SshHost } from '../../src/machines/ssh.js'
import { startSshd } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { exitOf, linesOf, lives, makeFolder, script } from './attempts.js'
import { samplesOf, samplingContract } from './sampling-contract.js'

const SECONDS = 0.25

let dir: string
let remove: () => Promise<void>
let spoolDir: string
let machines: Machine[]

beforeEach(async () => {
  ;({ dir, remove } = await makeFolder())
  spoolDir = path.join(dir, "spool's folder")
  machines = []
})

afterEach(async () => {
  await Promise.all(machines.map((machine) => machine.close()))
  // The sampler ends within a tick of its agent; until then the folder is not quite gone.
  await until('no sampler', async () => !(await lives((await samplerPid()) ?? '0')))
  await remove()
})

async function local(more: { readonly script?: string } = {}): Promise<Machine> {
  const options = { spoolDir, defaultDirectory: dir, user: null, sampleSeconds: SECONDS, ...more }
  const machine = await createLocalMachine(options)
  machines.push(machine)
  return machine
}

/** Who measures there now, by its own word. */
async function samplerPid(): Promise<string | null> {
  const [line = ''] = await linesOf(path.join(spoolDir, '.sampler'))
  return line.split(' ')[0] || null
}

describe('local', () => {
  samplingContract(() => ({ machine: machines[0] as Machine, dir, close: async () => undefined }))
  beforeEach(() => local())
})

describe('over SSH', () => {
  let close: () => Promise<void>
  samplingContract(() => ({ machine: machines[0] as Machine, dir, close: async () => undefined }))
  beforeEach(async () => {
    await chmod(dir, 0o777)
    const sshd = await startSshd({})
    const host = new SshHost(sshd.options)
    machines.push(host.machine({ user: null, spoolDir, defaultDirectory: dir, sampleSeconds: SECONDS }))
    close = async () => {
      await host.close()
      await sshd.stop()
    }
  })
  afterEach(() => close())
})

it('of two servers on one spool both hear of an attempt, and one sampler measures it', async () => {
  const [one, two] = await Promise.all([local(), local()])
  const attempt = script('sleep 600')
  const [first, second] = [samplesOf(one, attempt), samplesOf(two, attempt)]
  await one.start(attempt)
  await two.probe(attempt)
  await until('samples at both', () => first.length > 4 && second.length > 4)
  const times = new Set([...first, ...second].map(({ uptime }) => uptime))
  // Were there two samplers, each would have its own times.
  expect(times.size).toBeLessThanOrEqual(Math.max(first.length, second.length) + 1)
  await one.stop(attempt, 100)
})

it.each(['its sampler', 'its server'])(
  'measures on when %s is killed; what is told again is the same sample',
  async (victim) => {
    const [one, two] = await Promise.all([local(), local()])
    const attempt = script('sleep 600')
    const [first, second] = [samplesOf(one, attempt), samplesOf(two, attempt)]
    await one.start(attempt)
    await two.probe(attempt)
    await until('samples', () => first.length > 2 && second.length > 2)
    const killed = Number(await until('a sampler', samplerPid))
    const pids = victim === 'its sampler' ? [killed] : await sessionOf(killed)
    for (const pid of pids) kill(pid)
    await until('another sampler', async () => {
      const pid = await samplerPid()
      return pid !== null && pid !== String(killed) && (await lives(pid))
    })
    const seen = first.length + second.length
    await until('samples of both', () => first.length + second.length > seen + 6)
    // The same time: the same sample, told to both, or once more when a channel was opened anew.
    const told = [...first, ...second].map(({ ageMs: _, ...sample }) => sample)
    const differing = new Set(told.map((sample) => JSON.stringify(sample))).size
    expect(differing).toBe(new Set(told.map(({ uptime }) => uptime)).size)
    expect(differing).toBeLessThan(told.length)
    await two.stop(attempt, 100)
  },
)

/** One that has ended meanwhile needs no signal. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The agent, what it follows with, and its sampler. */
async function sessionOf(pid: number): Promise<number[]> {
  const lines = execFileSync('ps', ['-eo', 'pid=,sid=']).toString().trim().split('\n')
  const all = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const session = all.find(([each]) => each === pid)?.[1]
  return all.flatMap(([each = 0, of]) => (of === session ? [each] : []))
}

it('is over when nobody listens any more', async () => {
  const machine = await local()
  await machine.probe(script('true'))
  const pid = await until('a sampler', samplerPid)
  await machine.close()
  await until('the end of the sampler', async () => !(await lives(pid)))
})

it('a host without awk says that it cannot measure, and executes attempts all the same', async () => {
  const without = HOST_SCRIPT.replaceAll('command -v awk', 'command -v no-awk')
  const machine = await local({ script: without })
  expect((await machine.inspect()).canSample).toBe(false)
  const attempt = script('sleep 1')
  const samples = samplesOf(machine, attempt)
  await machine.start(attempt)
  expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
  expect(samples).toEqual([])
})

it('starts two programs a round at most, for two hundred attempts', async () => {
  const attempts = 200
  const bin = await loggedPrograms()
  const log = () => linesOf(path.join(dir, 'programs'))
  const follower = spawn('sh', ['-c', `NL='\n'\n${HOST_SCRIPT}`, 'sh', spoolDir, 'hello'].map(String), {
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: dir },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  follower.stdin.write(`1 FOLLOW 1 ${SECONDS}\n`)
  await until('a sampler', samplerPid)
  const crowd = spawn('sh', ['-c', crowdOf(attempts)], { cwd: spoolDir, detached: true, stdio: 'ignore' })
  try {
    await until('samples of all', async () => {
      const text = await readFile(path.join(spoolDir, '.samples'), 'utf8').catch(() => '')
      return new Set(text.match(/crowd_\d+/g)).size === attempts
    })
    const before = await log()
    const rounds = (lines: readonly string[]) => lines.filter((line) => line === 'sleep').length
    await until('more rounds', async () => rounds(await log()) > rounds(before) + 5)
    const since = (await log()).slice(before.length)
    // Where no process has come since the round before, nobody looks for new ones.
    expect(since.filter((name) => name !== 'sleep' && name !== 'grep')).toEqual([])
    expect(since.length).toBeLessThanOrEqual(2 * rounds(since) + 1)
  } finally {
    follower.stdin.end()
    process.kill(-(crowd.pid ?? 0), 'SIGKILL')
    await Promise.all([once(crowd, 'close'), once(follower, 'close')])
  }
})

/** Programs of the host that write their names down before they do what they do. */
async function loggedPrograms(): Promise<string> {
  const bin = path.join(dir, 'bin')
  await mkdir(bin)
  for (const name of ['awk', 'cat', 'getconf', 'grep', 'head', 'mv', 'rm', 'sleep', 'touch', 'wc']) {
    const text = `#!/bin/sh\necho ${name} >> ${dir}/programs\nexec /usr/bin/${name} "$@"\n`
    await writeFile(path.join(bin, name), text, { mode: 0o755 })
  }
  return bin
}

/** Processes that a sampler takes for attempts, each with the record that their runner would have written. */
function crowdOf(count: number): string {
  return `i=0
    while [ $i -lt ${count} ]; do
      i=$((i + 1)); mkdir -p crowd_$i/7
      env -i DAGBOOK_ATTEMPT_TOKEN="crowd_$i/7;" sh -c '
        set -- $(cat /proc/$$/stat) && echo "$1 \${22} ." > crowd_'$i'/7/task; exec sleep 600' &
    done
    wait`
}
