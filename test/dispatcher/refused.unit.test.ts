import { refused, refusedUnlessBegun } from '../../src/dispatcher/refused.js'
import type { Assignment, Control, Engine } from '../../src/engines/engine.js'
import { ContactError } from '../../src/machines/contact-error.js'
import { type AttemptReport, type Machine, MachineError } from '../../src/machines/machine.js'

const DENIED = new MachineError('DENIED', 'Its machine does not let tasks run as build', false)
const ABSENT: AttemptReport = { kind: 'ABSENT' }
const RUNNING: AttemptReport = { kind: 'RUNNING', pid: 7 }

const engine = { execute: async () => ({ outcome: 'SUCCEEDED' }) } as unknown as Engine

/** A machine that gives these answers to `probe`, and what it was told meanwhile. */
function scene(...answers: (AttemptReport | Error)[]) {
  const told: string[] = []
  const probe = async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer
  }
  const stop = async () => void told.push('stop')
  const control = {
    contactLost: async () => void told.push('lost'),
    contactRestored: async () => void told.push('restored'),
    detach: new AbortController().signal,
  } as unknown as Control
  const assignment = { machine: { probe, stop } as unknown as Machine, graceMs: 0 } as Assignment
  return { told, run: () => refusedUnlessBegun(DENIED, engine).execute(assignment, control) }
}

it('ends what nobody sent anywhere, to be tried again where that may help', async () => {
  const [assignment, control] = [{} as Assignment, {} as Control]
  expect(await refused(DENIED).execute(assignment, control)).toMatchObject({
    outcome: 'ERRORED',
    result: { errorMessage: DENIED.message },
  })
  const full = new MachineError('DISK_FULL', 'full', true)
  expect(await refused(full).execute(assignment, control)).toMatchObject({ outcome: 'NOT_STARTED' })
})

it('lets what began go on', async () => {
  const { run, told } = scene(RUNNING)
  expect(await run()).toEqual({ outcome: 'SUCCEEDED' })
  expect(told).toEqual([])
})

it('makes sure that what did not begin never will', async () => {
  const { run, told } = scene(ABSENT, ABSENT)
  expect(await run()).toMatchObject({ outcome: 'ERRORED' })
  expect(told).toEqual(['stop'])
})

it('takes the end of what began between the look and the stop', async () => {
  const { run } = scene(ABSENT, RUNNING)
  expect(await run()).toEqual({ outcome: 'SUCCEEDED' })
})

it('knows nothing while the machine gives no answer, and asks again', async () => {
  const { run, told } = scene(new ContactError('LOST', 'gone'), RUNNING)
  expect(await run()).toEqual({ outcome: 'SUCCEEDED' })
  expect(told).toEqual(['lost', 'restored'])
})
