import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'
import { createLocalMachine } from '../../src/machines/local.js'
import type { AttemptRef, Machine } from '../../src/machines/machine.js'
import { until } from '../helpers/until.js'
import { attemptOf, exitOf, firstLine, linesOf, lives, makeFolder, readAll, script, settled } from './attempts.js'
import { compileMachines, runOtherServer } from './other-server.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
let compiled: string
let spoolDir: string
let machine: Machine

beforeAll(async () => {
  folder = await makeFolder()
  compiled = await compileMachines(folder.dir)
  spoolDir = path.join(folder.dir, 'spool')
  machine = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
})
afterAll(async () => {
  await machine.close()
  await folder.remove()
})

describe('a server killed with -9', () => {
  it('leaves its task running; the next one gets every byte, the exit code and the call back', async () => {
    const server = runOtherServer(compiled, spoolDir)
    const text = `i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); [ $i = 100 ] && until [ -e ${folder.dir}/go ]; do sleep 0.1; done; done; exit 9`
    const attempt = script(text)
    expect(await server.start(attempt)).toMatchObject({ kind: 'STARTED' })
    await server.kill()
    const ended = new Promise<AttemptRef>((resolve) => {
      machine.onExit((ref) => ref.instanceId === attempt.instanceId && resolve(ref))
    })
    expect(await machine.start(attempt)).toEqual({ kind: 'EXISTS' })
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'RUNNING' })
    await exitOf(machine, await goOn())
    await ended
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 9, cause: 'EXITED' })
    const expected = Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join('')
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe(expected)
  })

  it('does not keep the timeout from being enforced', async () => {
    const server = runOtherServer(compiled, spoolDir)
    const attempt = script('sleep 60', { timeoutMs: 500, graceMs: 200 })
    await server.start(attempt)
    await server.kill()
    // Read from the spool itself: no agent of ours has anything to do with it.
    const file = path.join(spoolDir, attempt.instanceId, String(attempt.fence), 'exit')
    const line = await until('the exit', async () => {
      const text = await readFile(file, 'utf8').catch(() => '')
      return text.endsWith('.\n') ? text : null
    })
    expect(line).toContain(' 143 TIMED_OUT ')
  })

  it('leaves no agent behind, though nothing happens any more that they could fail to report', async () => {
    const spool = path.join(folder.dir, 'lonely')
    const server = runOtherServer(compiled, spool)
    const attempt = attemptOf()
    await server.start(attempt)
    const event = await firstLine(path.join(spool, '.events'))
    expect(event).toBe(`${attempt.instanceId} ${attempt.fence}`)
    await until('both channels alone', async () => (await agentsOf(spool)).length === 3)
    await server.kill()
    await until('the agents to go', async () => (await agentsOf(spool)).length === 0)
  })
})

describe('a spool that is removed', () => {
  it('ends its runner when the command has ended', async () => {
    const spool = path.join(folder.dir, 'removed')
    const own = await createLocalMachine({ spoolDir: spool, defaultDirectory: folder.dir, user: null })
    const attempt = script(`until [ -e ${folder.dir}/go3 ]; do sleep 0.1; done`)
    await own.start(attempt)
    await own.close()
    await rm(spool, { recursive: true })
    await writeFile(path.join(folder.dir, 'go3'), '')
    await until('the runner to go', async () => (await agentsOf(spool)).length === 0)
  })
})

describe('an agent killed with -9', () => {
  it('is replaced without anyone noticing: runners go on, ends are called back', async () => {
    const spool = path.join(folder.dir, 'agents')
    const own = await createLocalMachine({ spoolDir: spool, defaultDirectory: folder.dir, user: null })
    const ended: string[] = []
    own.onExit((ref) => ended.push(ref.instanceId))
    const attempt = script(`until [ -e ${folder.dir}/go2 ]; do sleep 0.1; done; exit 4`)
    await own.start(attempt)
    const quick = script(`touch ${folder.dir}/go2`)
    for (const pid of await agentsOf(spool)) if ((await parentOf(pid)) === process.pid) process.kill(pid, 'SIGKILL')
    await own.start(quick)
    await until('both ends', async () => [attempt, quick].every((a) => ended.includes(a.instanceId)))
    expect(await exitOf(own, attempt)).toMatchObject({ exitCode: 4 })
    await own.close()
  })
})

describe('two agents that race', () => {
  it('start each of 50 attempts once', async () => {
    const rival = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
    const record = path.join(folder.dir, 'race')
    for (let round = 0; round < 50; round++) {
      const attempt = script(`echo ${round} >> ${record}`)
      const answers = await Promise.all([machine, rival, machine, rival].map((one) => one.start(attempt)))
      expect(answers.map(({ kind }) => kind).sort()).toEqual(['EXISTS', 'EXISTS', 'EXISTS', 'STARTED'])
      await settled(machine, attempt)
    }
    expect(await linesOf(record)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
    await rival.close()
  })

  it('never run two fences of an instance together', async () => {
    const rival = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
    // Both are asked at the same moment: neither has an agent to open first.
    await Promise.all([machine.inspect(), rival.inspect()])
    for (let round = 0; round < 20; round++) {
      const lock = path.join(folder.dir, `lock${round}`)
      const low = script(`mkdir ${lock} || echo overlap >> ${folder.dir}/overlaps; sleep 0.05; rmdir ${lock}`, {
        fence: 1,
      })
      const high = { ...low, fence: 2 }
      const answers = await Promise.all([machine.start(low), rival.start(high)])
      const started = answers.filter(({ kind }) => kind === 'STARTED')
      expect(started.length).toBeLessThanOrEqual(1)
      await settled(machine, low)
      await settled(machine, high)
      expect(await rival.start(low)).not.toMatchObject({ kind: 'STARTED' })
    }
    expect(await linesOf(`${folder.dir}/overlaps`)).toEqual([])
    await rival.close()
  })
})

describe('a runner killed with -9', () => {
  it('takes its command along in the end, and is then proven lost', async () => {
    const attempt = script(`echo $$ > ${folder.dir}/orphan; trap "" TERM; while :; do sleep 1; done`)
    await machine.start(attempt)
    const pid = await firstLine(`${folder.dir}/orphan`)
    process.kill(await parentOf(Number(pid)), 'SIGKILL')
    expect(await machine.probe(attempt)).toEqual({ kind: 'RUNNING', pid: Number(pid) })
    expect(await machine.start({ ...attempt, fence: 8 })).toMatchObject({ kind: 'EARLIER_ALIVE', fence: 7 })
    await machine.stop(attempt, 100)
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'LOST' })
    expect(await lives(pid)).toBe(false)
  })
})

describe('a command that is about to start', () => {
  it('does not start when its runner has died: the attempt may have been called lost already', async () => {
    const { own, attempt, ran } = await slowStart('orphan-start', 'kill -s KILL "$self"; sleep 0.5')
    await expect(own.start(attempt)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await expectNever(own, attempt, ran)
    await own.close()
  })

  it('starts when its server has died, and finds no complaint about that in its stderr', async () => {
    const { own, attempt } = await slowStart('unheard-start', 'exec 3> /dev/full', 'echo mine >&2')
    await expect(own.start(attempt)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(await exitOf(own, attempt)).toMatchObject({ exitCode: 0, cause: 'EXITED' })
    expect(String(await readAll(own, attempt, 'STDERR'))).toBe('mine\n')
    await own.close()
  })

  it('does not start when it was stopped meanwhile', async () => {
    const { own, attempt, ran } = await slowStart('stopped-start', ': > "$spool/.slow"; sleep 0.5')
    const starting = own.start(attempt).catch(() => null)
    await until('the start', async () => readFile(path.join(folder.dir, 'stopped-start', '.slow')).catch(() => null))
    await own.stop(attempt, 5000)
    await starting
    expect(await exitOf(own, attempt)).toMatchObject({
      exitCode: 143,
      cause: 'STOPPED',
      durationMs: expect.any(Number),
    })
    await expectNever(own, attempt, ran)
    await own.close()
  })
})

/** A machine on which something happens between the fork of a command and its record. */
async function slowStart(name: string, happening: string, then = 'exec sleep 60') {
  const own = await createLocalMachine({
    spoolDir: path.join(folder.dir, name),
    defaultDirectory: folder.dir,
    user: null,
    requestTimeoutMs: 1500,
    script: HOST_SCRIPT.replace('# stage: spawned', happening),
  })
  const ran = path.join(folder.dir, `${name}-ran`)
  return { own, ran, attempt: script(`echo x >> ${ran}; ${then}`) }
}

async function expectNever(own: Machine, attempt: AttemptRef, ran: string) {
  expect((await settled(own, attempt)).kind).toMatch(/LOST|EXITED/)
  await until('the child to go', async () => (await commandsOf(attempt)).length === 0)
  expect(await linesOf(ran)).toEqual([])
}

/** Processes that carry the attempt's token. */
async function commandsOf(attempt: AttemptRef): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environ.includes(`DAGBOOK_ATTEMPT_TOKEN=${attempt.instanceId}/`) ? [pid] : []
    }),
  )
  return found.flat()
}

function goOn() {
  const go = script(`: > ${folder.dir}/go`)
  return machine.start(go).then(() => go)
}

/** Agents of a spool by their command line; runners are forks of them, so `parentOf` tells them apart. */
async function agentsOf(spool: string): Promise<number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    const isTail = words[0] === 'tail' && (await cwdOf(pid)) === spool
    if (isTail || (words.includes('dagbook-agent') && words.includes(spool))) found.push(Number(pid))
  }
  return found
}

async function cwdOf(pid: string): Promise<string> {
  return readlink(`/proc/${pid}/cwd`).catch(() => '')
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
