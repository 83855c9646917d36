import { constants } from 'node:os'
import type { AttemptExit } from '../machines/machine.js'
import { timeoutMessage } from './timeout.js'

/** What people read of how a process ended; null: there is nothing to say. */
export function exitMessage(exit: AttemptExit, timeoutMs: number | null): string | null {
  const { exitCode, cause, escaped } = exit
  const outlived = escaped.length === 0 ? '' : `; processes that outlived it were ended: ${escaped.join(', ')}`
  if (cause === 'TIMED_OUT') return `${timeoutMessage(timeoutMs)}${outlived}`
  if (cause === 'STOPPED') return `Stopped${outlived}`
  if (exitCode === 0) return escaped.length === 0 ? null : `Succeeded${outlived}`
  const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
  if (signal === undefined) return `Exited with code ${exitCode}${outlived}`
  return `Ended by ${signal}${signal === 'SIGKILL' ? whyKilled(exit) : ''}${outlived}`
}

/** Nobody here sent it; who did, only the host can know. */
function whyKilled({ wasOutOfMemory }: AttemptExit): string {
  if (wasOutOfMemory === null) return ', perhaps as its host was out of memory'
  return wasOutOfMemory ? ': its host was out of memory' : ''
}
