import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { unless, whyNoMemoryLimits } from '../helpers/unless.js'
import { exitOf, makeFolder, script } from './attempts.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
let machine: Machine | null = null

beforeEach(async () => {
  folder = await makeFolder()
})

afterEach(async () => {
  await machine?.close()
  machine = null
  await folder.remove()
})

async function open(text = HOST_SCRIPT): Promise<Machine> {
  const { dir } = folder
  const common = { defaultDirectory: dir, user: null, reading: 'DIRECT', script: text } as const
  machine = await createLocalMachine({ spoolDir: path.join(dir, 'spool'), ...common })
  return machine
}

/** The host counts in this file, whatever it has else. */
async function counting(file: string): Promise<Machine> {
  const found = '\nfind_counter\n'
  expect(HOST_SCRIPT.split(found)).toHaveLength(2)
  return open(HOST_SCRIPT.replace(found, `\ncounter='${file}' recount_at=0\n`))
}

describe('an attempt that KILL ended', () => {
  it.each([
    ['was out of memory, as the count rose', 'echo "oom_kill 8" > "$COUNTER"', 137, true],
    ['was not, as the count stayed', ':', 137, false],
    ['may have been, as nothing counts any more', 'rm "$COUNTER"', 137, null],
    ['is not asked after any other end', 'echo "oom_kill 8" > "$COUNTER"', 9, null],
  ])('its host %s', async (_, meanwhile, exitCode, wasOutOfMemory) => {
    const counter = path.join(folder.dir, 'counter')
    await writeFile(counter, 'oom 99\noom_kill 7\noom_kill_disable 1\n')
    const host = await counting(counter)
    const end = exitCode === 137 ? 'kill -s KILL $$' : `exit ${exitCode}`
    const attempt = script(`${meanwhile}; ${end}`, { environment: { COUNTER: counter } })
    await host.start(attempt)
    expect(await exitOf(host, attempt)).toMatchObject({ exitCode, cause: 'EXITED', wasOutOfMemory })
  })

  it('may have been out of memory where nothing counts', async () => {
    const host = await counting(path.join(folder.dir, 'none'))
    const attempt = script('kill -s KILL $$')
    await host.start(attempt)
    expect(await exitOf(host, attempt)).toMatchObject({ exitCode: 137, wasOutOfMemory: null })
  })
})

unless(whyNoMemoryLimits()).it('what Linux itself kills for want of memory is told', async () => {
  const group = `/sys/fs/cgroup/memory/dagbook-test-${process.pid}`
  await mkdir(group)
  try {
    await writeFile(path.join(group, 'memory.limit_in_bytes'), '30000000')
    const host = await open()
    // No end of a line comes: it keeps what it reads.
    const attempt = script(`echo $$ > ${group}/cgroup.procs && exec tail /dev/zero`)
    await host.start(attempt)
    expect(await exitOf(host, attempt)).toMatchObject({ exitCode: 137, wasOutOfMemory: true })
  } finally {
    await rmdir(group)
  }
})
