import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { linesOf, makeFolder, script, settled } from './attempts.js'
import { arm, cutAt, STAGES } from './cut-script.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
const machines: Machine[] = []

beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(async () => {
  await Promise.all(machines.map((machine) => machine.close()))
  await folder.remove()
})

/** What a dispatcher finds afterwards: the same fence still startable, or its end, or the proof of its loss. */
const OUTCOMES: Record<string, readonly string[]> = {
  asked: ['EXITED'],
  answered: ['EXITED'],
  begin: ['EXITED'],
  prepare: ['EXITED'],
  made: ['EXITED'],
  claiming: ['LOST'],
  claimed: ['LOST'],
  compared: ['LOST'],
  spawned: ['EXITED'],
  recorded: ['KILLED'],
  ended: ['LOST'],
  reported: ['EXITED'],
}

describe('a process on the host killed at any stage of a start', () => {
  it('is tried at every stage there is', () => {
    expect(Object.keys(OUTCOMES).sort()).toEqual([...STAGES].sort())
  })

  it.concurrent.each(STAGES)(
    '%s: no second start of the fence, one of the next, and the truth about both',
    async (stage) => {
      const spoolDir = path.join(folder.dir, stage)
      const machine = await createLocalMachine({
        spoolDir,
        defaultDirectory: folder.dir,
        user: null,
        requestTimeoutMs: 2500,
        script: cutAt(stage),
      })
      machines.push(machine)
      const record = path.join(spoolDir, '..', `${stage}.record`)
      const first = script(`echo begin 1 >> ${record}; sleep 0.1; echo end 1 >> ${record}`, { fence: 1 })
      await arm(spoolDir, first.instanceId)
      await machine.start(first).catch((error: unknown) => expect(error).toMatchObject({ code: 'UNREACHABLE' }))
      for (let again = 0; again < 3; again++) expect(['STARTED', 'EXISTS']).toContain((await machine.start(first)).kind)
      const report = await settled(machine, first)
      const wasKilled = report.kind === 'EXITED' && report.exit.exitCode === 137
      expect(OUTCOMES[stage]).toContain(wasKilled ? 'KILLED' : report.kind)
      const begun = (await linesOf(record)).length
      expect(begun).toBe(['claiming', 'claimed', 'compared', 'recorded'].includes(stage) ? 0 : 2)

      const second = script(`echo begin 2 >> ${record}; echo end 2 >> ${record}`, { ...first, fence: 2 })
      expect(await machine.start({ ...second, argv: ['sh', '-c', `echo 2 >> ${record}`] })).toMatchObject({
        kind: 'STARTED',
      })
      expect(await settled(machine, second)).toMatchObject({ kind: 'EXITED', exit: { exitCode: 0 } })
      expect(await machine.start(first)).toMatchObject({ kind: 'EXISTS' })
      expect((await linesOf(record)).length).toBe(begun + 1)
    },
  )
})
