import type { Recording } from './parse.js'
import { has, type RecordedTask } from './tasks.js'
import type { Warnings } from './warning.js'

const PER_TASK = [
  { what: 'commands', instead: 'each task sleeps instead', fields: ['command'] },
  { what: 'numbers of cores', instead: 'no cpu is requested', fields: ['coreCount', 'cores'] },
  { what: 'average cpu uses', instead: 'no cpu is requested', fields: ['avgCPU'] },
  { what: 'memory sizes', instead: 'no memory is requested', fields: ['memoryInBytes', 'memory'] },
  { what: 'bytes read and written', instead: undefined, fields: ['readBytes', 'writtenBytes'] },
  {
    what: 'energy and power figures',
    instead: undefined,
    fields: ['energyInKWh', 'energy', 'avgPowerInW', 'avgPower'],
  },
  { what: 'priorities', instead: 'all tasks have the same', fields: ['priority'] },
  { what: 'machines that ran them', instead: 'any machine may', fields: ['machine', 'machines'] },
] as const

/** Warns of everything recorded that a DAG of sleeping tasks does not keep, one warning a kind, with how many. */
export function warnOfLosses(recording: Recording, tasks: readonly RecordedTask[], warnings: Warnings): void {
  const lost = (message: string): void => warnings.add('LOST', `Lost: ${message}`)
  for (const { what, instead, fields } of PER_TASK) {
    const count = recording.executed.filter((task) => has(task, ...fields)).length
    if (count > 0) lost(`${what} of ${count} tasks${instead === undefined ? '' : ` (${instead})`}`)
  }
  const renamed = tasks.filter(({ id, name }) => name !== null && name !== id).length
  if (renamed > 0) lost(`names of ${renamed} tasks that are not their ids`)
  if (recording.fileCount > 0) lost(`${recording.fileCount} files`)
  const transfers = recording.tasks.filter((task) => task.inputFiles?.length || task.outputFiles?.length).length
  if (transfers > 0) lost(`input and output files of ${transfers} tasks`)
  if (recording.machineCount > 0) lost(`descriptions of ${recording.machineCount} machines`)
  if (recording.extras.length > 0) lost(recording.extras.join(', '))
}
