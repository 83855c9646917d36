import { execFileSync } from 'node:child_process'
import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AgentMachine } from '../../src/machines/agent-machine.js'
import { LOGIN_PATH } from '../../src/machines/command-spec.js'
import { createLocalTransport } from '../../src/machines/local-transport.js'
import type { AttemptRef, Machine } from '../../src/machines/machine.js'
import { unless, whyNoMounts } from '../helpers/unless.js'
import { until } from '../helpers/until.js'
import { attemptOf, exitOf, firstLine, makeFolder, readAll, script } from './attempts.js'

/** More than a pipe holds, with all that a shell could take for its own. */
const LARGE = `${'it\'s $HOME `x` \\ "\n'.repeat(6_000)}end\n`

const withMounts = unless(whyNoMounts())

describe.each(['sh', 'bash --posix'])('secrets where sh is %s', (shell) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let machine: Machine
  /** Where a shell writes what it keeps in files, and what appeared there. */
  let temporary: string
  let spool: string
  const written: string[] = []
  let watcher: FSWatcher | undefined

  beforeAll(async () => {
    folder = await makeFolder()
    temporary = path.join(folder.dir, 'temporary')
    spool = path.join(folder.dir, 'spool')
    await mkdir(temporary)
    const local = createLocalTransport({ path: LOGIN_PATH, home: folder.dir })
    const open = (command: string) => local.open(`env TMPDIR=${temporary} ${command.replace(/^sh/, shell)}`)
    const transport = { open, close: () => local.close() }
    machine = new AgentMachine({
      transport,
      spool,
      user: null,
      defaultDirectory: folder.dir,
      path: LOGIN_PATH,
      lang: 'C.UTF-8',
    })
  })
  afterAll(async () => {
    await machine.close()
    await folder.remove()
  })

  /** The processes that the runner of an attempt has made and that live. */
  async function childrenOf({ instanceId, fence }: AttemptRef): Promise<string[]> {
    const [runner = ''] = (await firstLine(path.join(spool, instanceId, String(fence), 'pid'))).split(' ')
    const children = await readFile(`/proc/${runner}/task/${runner}/children`, 'utf8')
    return children.split(' ').filter((pid) => pid !== '')
  }

  afterEach(() => watcher?.close())

  it('come byte for byte, whatever their size, and through no file', async () => {
    watcher = watch(temporary, (_, name) => void written.push(name ?? ''))
    const attempt = script('printf %s "$LARGE"; printf "%s|" "$SMALL"; cat; [ -e /proc/$$/fd/9 ] || echo closed', {
      secrets: { LARGE, SMALL: 'x\n\n' },
    })
    await machine.start(attempt)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
    expect((await readAll(machine, attempt, 'STDOUT')).toString()).toBe(`${LARGE}x\n\n|closed\n`)
    await writeFile(path.join(temporary, 'last'), '')
    await until('all that was written to be told', () => written.includes('last'))
    expect(new Set(written)).toEqual(new Set(['last']))
  })

  withMounts.it('come where no temporary file can be made', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=1', 'none', temporary])
    try {
      const attempt = script('printf %s "$LARGE"', { secrets: { LARGE } })
      await machine.start(attempt)
      expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
      expect((await readAll(machine, attempt, 'STDOUT')).toString()).toBe(LARGE)
    } finally {
      execFileSync('umount', ['-l', temporary])
    }
  })

  it('that nobody reads keep nothing alive, not even while the command runs', async () => {
    // Nothing to read them with.
    const attempt = attemptOf({
      argv: ['/bin/sleep', '60'],
      environment: { PATH: '/nowhere' },
      secrets: { LARGE },
    })
    const { pid } = (await machine.start(attempt)) as { pid: number }
    await until('the command to be all that is left', async () => {
      const children = await childrenOf(attempt)
      return children.length === 1 && children[0] === String(pid)
    })
    await machine.stop(attempt, 1_000)
    expect(await exitOf(machine, attempt)).toMatchObject({ cause: 'STOPPED', escaped: [] })
  })
})
