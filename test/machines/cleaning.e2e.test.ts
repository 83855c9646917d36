import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import type { AttemptRef, AttemptSpec, Machine } from '../../src/machines/machine.js'
import { until } from '../helpers/until.js'
import { attemptOf, exitOf, makeFolder, script } from './attempts.js'

const HOUR_MS = 3_600_000

let folder: Awaited<ReturnType<typeof makeFolder>>
let spoolDir: string
let machine: Machine

beforeEach(async () => {
  folder = await makeFolder()
  spoolDir = path.join(folder.dir, 'spool')
  machine = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
})
afterEach(async () => {
  await machine.close()
  await folder.remove()
})

const entryOf = ({ instanceId, fence }: AttemptRef) => path.join(spoolDir, instanceId, String(fence))
async function run(attempt: AttemptSpec): Promise<void> {
  await machine.start(attempt)
  await exitOf(machine, attempt)
}

/** Its files go in the background, and each that goes makes its folder young again. */
async function forget(attempt: AttemptRef): Promise<void> {
  await machine.forget(attempt)
  const mark = path.join(entryOf(attempt), 'gone')
  await until('its files to go', async () => (await readdir(entryOf(attempt))).length === 2)
  await until('its mark to say when', async () => (await stat(mark)).size > 0)
}

/** As if nothing had been done to it for two hours, in which the host was restarted. */
async function age(attempt: AttemptRef): Promise<void> {
  const mark = path.join(entryOf(attempt), 'gone')
  if (existsSync(mark)) await writeFile(mark, '4711 another-boot\n')
  await jump(attempt)
}

/** As if the host's clock had jumped two hours ahead since. */
async function jump(attempt: AttemptRef): Promise<void> {
  const then = new Date(Date.now() - 2 * HOUR_MS)
  const entry = entryOf(attempt)
  for (const name of await readdir(entry)) await utimes(path.join(entry, name), then, then)
  await utimes(entry, then, then)
  await utimes(path.dirname(entry), then, then)
}

describe('pruning', () => {
  it('keeps an instance as long as one of its attempts is young, lives, or was never forgotten', async () => {
    const young = script('true')
    const uncollected = script('echo precious')
    const living = script(`until [ -e ${folder.dir}/go ]; do sleep 0.1; done`)
    for (const attempt of [young, uncollected]) await run(attempt)
    await machine.start(living)
    await forget(young)
    for (const first of [uncollected, living]) {
      const later = attemptOf({ instanceId: first.instanceId, fence: first.fence - 1 })
      await mkdir(entryOf(later))
      await age(later)
      await age(first)
    }
    await machine.prune(HOUR_MS)
    expect(await machine.start(young)).toEqual({ kind: 'EXISTS' })
    expect(String(await machine.read(uncollected, 'STDOUT', 0, 100))).toBe('precious\n')
    expect(await machine.probe(living)).toMatchObject({ kind: 'RUNNING' })
    await run(script(`: > ${folder.dir}/go`))
    await exitOf(machine, living)
  })

  it('takes what was forgotten, what was prepared and never claimed, and payloads that nobody fetched', async () => {
    const gone = script('true')
    await run(gone)
    await forget(gone)
    const prepared = attemptOf()
    await mkdir(path.join(entryOf(prepared), 'io'), { recursive: true })
    for (const attempt of [gone, prepared]) await age(attempt)
    const payload = path.join(spoolDir, '.incoming', 'left')
    await appendFile(payload, 'x')
    await utimes(payload, 0, 0)
    await machine.prune(HOUR_MS)
    expect((await readdir(spoolDir)).filter((name) => !name.startsWith('.'))).toEqual([])
    expect(await readdir(path.join(spoolDir, '.incoming'))).toEqual([])
  })

  it('keeps the mark of what was forgotten just before the host’s clock jumped: a start that comes late is refused', async () => {
    const [gone, pruned] = [script('true'), script('true')]
    for (const attempt of [gone, pruned]) {
      await run(attempt)
      await forget(attempt)
    }
    await jump(gone)
    await age(pruned)
    await machine.prune(HOUR_MS)
    expect(await machine.start(gone)).toEqual({ kind: 'EXISTS' })
    expect(await machine.start(pruned)).toMatchObject({ kind: 'STARTED' })
    await exitOf(machine, pruned)
  })

  it('names what nobody has forgotten, ended or not, once it is old', async () => {
    const [ended, forgotten, young] = [script('true'), script('true'), script('true')]
    const stopped = attemptOf()
    for (const attempt of [ended, forgotten, young]) await run(attempt)
    await machine.stop(stopped, 0)
    await forget(forgotten)
    for (const attempt of [ended, forgotten, stopped]) await age(attempt)
    const found = await machine.unforgotten(HOUR_MS)
    const refs = [ended, stopped].map(({ instanceId, fence }) => ({ instanceId, fence }))
    expect(found).toHaveLength(2)
    expect(found).toEqual(expect.arrayContaining(refs))
  })
})

it('says how much its spool takes on the disk', async () => {
  const before = await machine.spoolBytes()
  await run(script('head -c 3000000 /dev/zero'))
  expect((await machine.spoolBytes()) - before).toBeGreaterThan(2_900_000)
})

describe('a long file of ends', () => {
  const events = () => path.join(spoolDir, '.events')
  /** Whole lines at a time, as runners write them. */
  const fill = async () => {
    for (let part = 0; part < 3; part += 1) await appendFile(events(), 'instance_other 1\n'.repeat(25_000))
  }

  it('is begun anew under agents that follow it and runners that append to it, and every end is told', async () => {
    const followers = await Promise.all(
      Array.from({ length: 3 }, () => createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })),
    )
    const told = followers.map((follower) => {
      const seen = new Set<string>()
      follower.onExit(({ instanceId }) => seen.add(instanceId))
      return seen
    })
    // Each follows before something ends.
    await Promise.all(followers.map((follower) => follower.inspect()))
    const started: AttemptSpec[] = []
    let turns = 0
    const turning = (async () => {
      for (; turns < 2; turns += 1) {
        await fill()
        await (followers[turns] as Machine).prune(HOUR_MS)
      }
    })()
    while (turns < 2) {
      const attempt = attemptOf()
      await machine.start(attempt)
      started.push(attempt)
    }
    await turning
    expect((await stat(events())).size).toBeLessThan(1 << 20)
    await until(
      'every end to be told to everybody',
      async () => told.every((seen) => started.every(({ instanceId }) => seen.has(instanceId))),
      60_000,
    )
    expect((await readdir(path.join(spoolDir, '.incoming'))).length).toBe(0)
    await Promise.all(followers.map((follower) => follower.close()))
  })

  it('has every end of the one before once more, for those who missed it there', async () => {
    const attempt = attemptOf()
    const line = `${attempt.instanceId} ${attempt.fence}\n`
    const text = () => readFile(events(), 'utf8')
    await machine.start(attempt)
    await until('its end', async () => (await text()).includes(line))
    await fill()
    await machine.prune(HOUR_MS)
    await until('a new one', async () => (await stat(events())).size < 1 << 20)
    await until('the end in the new one', async () => (await text()).includes(line), 5_000)
  })

  it('is read from its beginning by whoever comes back and had seen more lines than it has', async () => {
    const seen = new Set<string>()
    machine.onExit(({ instanceId }) => seen.add(instanceId))
    await fill()
    await machine.inspect()
    // Killed, not closed: the channel is opened again from the line after the last one.
    const before = await until('its follower', async () => {
      const found = await followersOf(spoolDir)
      return found.length === 0 ? null : found
    })
    expect(before).toHaveLength(1)
    for (const pid of before) process.kill(pid, 'SIGSTOP')
    const other = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
    await other.prune(HOUR_MS)
    const attempt = attemptOf()
    await other.start(attempt)
    await exitOf(other, attempt)
    await until('its end to be written', async () => (await readFile(events(), 'utf8')).includes(attempt.instanceId))
    for (const pid of before) process.kill(pid, 'SIGKILL')
    await until('its end to be told', async () => seen.has(attempt.instanceId))
    await other.close()
  })

  it('is left alone while it is short', async () => {
    await run(attemptOf())
    const { ino } = await stat(events())
    await machine.prune(HOUR_MS)
    expect((await stat(events())).ino).toBe(ino)
  })
})

/** The processes that follow a spool's ends: each is a `tail` in the spool's folder. */
async function followersOf(spool: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found: number[] = []
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (words[0] !== 'tail') continue
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (cwd === spool) found.push(Number(pid))
  }
  return found
}
