import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { unless, whyNoMounts } from '../helpers/unless.js'
import { attemptOf, exitOf, makeFolder, script } from './attempts.js'

/** A disk of one MiB can only be made by root, and not in every container. */
unless(whyNoMounts()).describe('a full disk', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let machine: Machine
  let filler: string

  beforeAll(async () => {
    folder = await makeFolder()
    const disk = path.join(folder.dir, 'disk')
    await mkdir(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk])
    filler = path.join(disk, 'filler')
    machine = await createLocalMachine({ spoolDir: path.join(disk, 'spool'), defaultDirectory: folder.dir, user: null })
  })
  afterAll(async () => {
    await machine.close()
    execFileSync('umount', ['-l', path.join(folder.dir, 'disk')])
    await folder.remove()
  })

  const fill = () => writeFile(filler, Buffer.alloc(2 << 20)).catch(() => {})

  it('refuses a start, which can be tried again when there is space', async () => {
    const small = attemptOf()
    const large = attemptOf({ input: 'x'.repeat(200_000) })
    await machine.start(attemptOf())
    await fill()
    for (const attempt of [small, large]) {
      await expect(machine.start(attempt)).rejects.toMatchObject({ code: 'DISK_FULL', isRetryable: true })
    }
    await rm(filler)
    for (const attempt of [small, large]) {
      expect(await machine.start(attempt)).toMatchObject({ kind: 'STARTED' })
      expect((await exitOf(machine, attempt)).exitCode).toBe(0)
    }
  })

  it('does not lose an end: it is reported when there is space', async () => {
    const attempt = script(`until [ -e ${folder.dir}/full ]; do sleep 0.1; done; exit 6`)
    await machine.start(attempt)
    await fill()
    await writeFile(path.join(folder.dir, 'full'), '')
    const other = script('sleep 0.3')
    await expect(machine.start(other)).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'RUNNING' })
    await rm(filler)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 6, cause: 'EXITED' })
  })
})
