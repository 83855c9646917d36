import { getEventListeners } from 'node:events'
import type { CommandBus } from '../../src/commands/command-bus.js'
import { Reporter } from '../../src/dispatcher/reporter.js'
import type { NodeId } from '../../src/domain/ids.js'
import { silentLogger } from '../../src/platform/logger.js'

it('reports wait for the database, however many they are: Node is told that they are no leak; all end with the signal', async () => {
  const giveUp = new AbortController()
  const bus = { execute: () => Promise.reject(new Error('the database is away')) } as unknown as CommandBus
  const reporter = new Reporter(bus, 'node_1' as NodeId, silentLogger, giveUp.signal, () => undefined)
  const command = { type: 'ReportStarted', task: 't', fence: 1, pid: 1 } as const
  const reports = Array.from({ length: 20 }, () => reporter.report('run_1', command))
  await new Promise((resolve) => setImmediate(resolve))
  const waiting = getEventListeners(giveUp.signal, 'abort').length
  giveUp.abort()
  expect([waiting, limitOf(giveUp.signal)]).toEqual([20, 0])
  expect(await Promise.all(reports)).toEqual(Array.from({ length: 20 }, () => null))
})

/** events.getMaxListeners takes no signal of another realm, such as that of a test, for one. */
function limitOf(signal: AbortSignal): unknown {
  const key = Object.getOwnPropertySymbols(signal).find(({ description }) =>
    description?.endsWith('maxEventTargetListeners'),
  )
  return key === undefined ? undefined : Reflect.get(signal, key)
}
