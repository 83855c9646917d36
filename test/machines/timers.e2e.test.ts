import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'
import { createLocalMachine } from '../../src/machines/local.js'
import { until } from '../helpers/until.js'
import { exitOf, makeFolder, script } from './attempts.js'

let folder: Awaited<ReturnType<typeof makeFolder>>

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(async () => {
  await folder.remove()
})

describe('the timer of a command that ended in time', () => {
  it.each([
    ['at once', '', 0],
    ['though it was slow to set its trap', 'before=$!', 1],
    ['though it was slow to begin its sleep', 'sleep "$timeout" &', 2],
  ])('goes %s', async (_, point, number) => {
    const machine = await createLocalMachine({
      spoolDir: path.join(folder.dir, `spool${number}`),
      defaultDirectory: folder.dir,
      user: null,
      script: point === '' ? HOST_SCRIPT : HOST_SCRIPT.replace(point, `sleep 0.3; ${point}`),
    })
    const attempts = Array.from({ length: 5 }, () => script('true', { timeoutMs: 61_230 + number }))
    for (const attempt of attempts) await machine.start(attempt)
    for (const attempt of attempts) await exitOf(machine, attempt)
    await machine.close()
    // Timers are forks of the agent, and their sleeps tell for how long.
    const left = () => commandsWith(`spool${number}`, `sleep\0${(61_230 + number) / 1_000}`)
    await until('the timers to go', async () => (await left()).length === 0)
  })
})

async function commandsWith(...words: readonly string[]): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => words.some((word) => line.includes(word)))
}
