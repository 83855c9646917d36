import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import { makeFolder } from './attempts.js'
import { describeMachine } from './machine-contract.js'

for (const reading of ['DIRECT', 'AGENT'] as const) {
  describeMachine(`local, reading ${reading === 'DIRECT' ? 'files itself' : 'through the agent'}`, async () => {
    const { dir, remove } = await makeFolder()
    const machine = await createLocalMachine({
      spoolDir: path.join(dir, "spool's folder"),
      defaultDirectory: dir,
      user: null,
      reading,
    })
    return {
      machine,
      dir,
      close: async () => {
        await machine.close()
        await remove()
      },
    }
  })
}
