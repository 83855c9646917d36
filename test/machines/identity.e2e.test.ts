import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import type { AttemptRef, Machine } from '../../src/machines/machine.js'
import { spoolIdentity } from '../../src/machines/spool-identity.js'
import { exitOf, lives, makeFolder, script, settled } from './attempts.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
let spoolDir: string
let machine: Machine

beforeAll(async () => {
  folder = await makeFolder()
  spoolDir = path.join(folder.dir, 'spool')
  machine = await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null })
})
afterAll(async () => {
  await machine.close()
  await folder.remove()
})

const fileOf = (attempt: AttemptRef, name: string) =>
  path.join(spoolDir, attempt.instanceId, String(attempt.fence), name)

/** Changes one word of a record in the spool, as another boot or another process with that number would have it. */
async function forge(file: string, word: number, value: (old: string) => string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const words = text.split(' ')
  words[word] = value(words[word] ?? '')
  await writeFile(file, words.join(' '))
  return text
}

describe('a recorded process number', () => {
  it('that a stranger has by now is lost, and the stranger is left alone', async () => {
    const stranger = script(`exec sleep 60`)
    const answer = await machine.start(stranger)
    const pid = answer.kind === 'STARTED' ? answer.pid : 0
    const attempt = script('exec sleep 60')
    await machine.start(attempt)
    const claim = await forge(fileOf(attempt, 'pid'), 0, () => String(pid))
    await forge(fileOf(attempt, 'pid'), 1, () => '12345')
    const task = await readFile(fileOf(attempt, 'task'), 'utf8')
    await writeFile(fileOf(attempt, 'task'), `${pid} 1 .\n`)
    await machine.stop(attempt, 200)
    expect(await lives(pid)).toBe(true)
    await writeFile(fileOf(attempt, 'pid'), claim)
    await writeFile(fileOf(attempt, 'task'), task)
    await machine.stop(stranger, 200)
    await machine.stop(attempt, 200)
  })

  it('whose start time differs is not taken for running', async () => {
    const attempt = script('exec sleep 60')
    await machine.start(attempt)
    const [runner] = (await readFile(fileOf(attempt, 'pid'), 'utf8')).split(' ')
    await machine.stop(attempt, 100)
    await writeFile(fileOf(attempt, 'exit'), '')
    await writeFile(fileOf(attempt, 'pid'), `${process.pid} 12345 ${await bootId()} .\n`)
    expect(runner).toMatch(/^\d+$/)
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'LOST', reason: expect.stringContaining('died') })
  })

  it('of another boot proves the loss', async () => {
    const attempt = script('exec sleep 60')
    const answer = await machine.start(attempt)
    const original = await forge(fileOf(attempt, 'pid'), 2, () => 'another-boot')
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'LOST', reason: expect.stringContaining('restarted') })
    await machine.stop(attempt, 100)
    expect(answer.kind === 'STARTED' && (await lives(answer.pid))).toBe(true)
    await writeFile(fileOf(attempt, 'pid'), original)
    await machine.stop(attempt, 100)
  })

  it.each(['', '123', '123 456', 'garbage', '4711 0 EXITED 1\n'])(
    'torn while it was written (%j) proves the loss',
    async (torn) => {
      const attempt = script('true')
      await machine.start(attempt)
      await exitOf(machine, attempt)
      await writeFile(fileOf(attempt, 'exit'), torn)
      await writeFile(fileOf(attempt, 'pid'), torn)
      // Not by the first look: the runner lives a moment longer than the record of the end.
      expect(await settled(machine, attempt)).toMatchObject({ kind: 'LOST' })
    },
  )
})

describe('a spool', () => {
  it('is for its owner alone', async () => {
    const attempt = script('true', { input: 'private' })
    await machine.start(attempt)
    await exitOf(machine, attempt)
    const modes = await Promise.all(
      [spoolDir, fileOf(attempt, ''), fileOf(attempt, 'io'), fileOf(attempt, 'io/input')].map(
        async (file) => (await stat(file)).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
  })

  it('has one identity, however many ask at once', async () => {
    const dir = path.join(folder.dir, 'identity')
    const all = await Promise.all(Array.from({ length: 20 }, () => spoolIdentity(dir)))
    expect(new Set(all.map(({ spoolId }) => spoolId)).size).toBe(1)
    expect(all[0]?.machineId).not.toBe('')
    expect(await spoolIdentity(dir)).toEqual(all[0])
  })
})

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}
