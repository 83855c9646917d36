import type { RunEvent } from '../../../src/domain/run/events.js'
import { foldInstance, type InstanceEvent, noChange } from '../../../src/projections/run/fold-instance.js'

const AT = new Date('2026-11-25T12:00:00.000Z')

const failed = {
  type: 'InstanceAttemptFailed',
  data: {
    task: 't',
    attempt: 1,
    status: 'FAILED',
    budget: 'USER',
    retryDelayMs: 1_000,
    exitCode: 1,
    errorMessage: 'Exited with code 1',
    cpuSeconds: 0.5,
  },
} as const satisfies RunEvent

function canceled(errorMessage: string | null): InstanceEvent {
  const nothing = { exitCode: null, cpuSeconds: null, output: null, forcedBecause: null }
  return { type: 'InstanceCanceled', data: { task: 't', attempt: null, errorMessage, ...nothing } }
}

function fold(...events: InstanceEvent[]) {
  const change = noChange('instance_1', AT)
  for (const [at, event] of events.entries()) foldInstance(change, event, at + 2, AT)
  return change
}

it('an end without an attempt and without a reason leaves what the last attempt said, in the same batch too', () => {
  expect(fold(failed, canceled(null))).toMatchObject({
    status: 'CANCELED',
    hasResult: true,
    exitCode: 1,
    errorMessage: 'Exited with code 1',
  })
})

it('with a reason, the reason stands', () => {
  expect(fold(failed, canceled('not needed any more'))).toMatchObject({ errorMessage: 'not needed any more' })
  expect(fold(canceled('not needed any more'))).toMatchObject({
    hasResult: false,
    errorMessage: 'not needed any more',
  })
})
