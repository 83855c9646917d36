import { attempt, dag, RunSpec, request, step } from './run-spec.js'

const one = dag({ a: [] })

describe('setRunPriority', () => {
  it('changes the priority of a run that goes on, is paused, or waits for its turn', () => {
    RunSpec.given(one)
      .when(step.setPriority(7))
      .follows(['RunPriorityChanged', { priority: 7, reason: null }])
    RunSpec.given(one, step.pause)
      .when(step.setPriority(-100))
      .follows(['RunPriorityChanged', { priority: -100 }])
    RunSpec.of({ ...request(one), isQueued: true })
      .when(step.setPriority(100))
      .follows('RunPriorityChanged')
  })

  it('is quiet when it is so already', () => {
    RunSpec.given(one).when(step.setPriority(0)).staysQuiet()
    RunSpec.given(one, step.setPriority(7)).when(step.setPriority(7)).staysQuiet()
  })

  it.each([-101, 101])('says no to %i', (priority) => {
    RunSpec.given(one)
      .when(step.setPriority(priority))
      .saysNo('INVALID', `A priority must be from -100 to 100, given ${priority}`)
  })

  it('says no to a run that is over, or is being stopped', () => {
    RunSpec.given(one, ...attempt('a', 'FAILED'))
      .when(step.setPriority(7))
      .saysNo('NOT_ALLOWED_IN_STATE', 'A run that is already finished (FAILED) cannot be given another priority')
    RunSpec.given(one, step.dispatch('a'), step.cancelRun)
      .when(step.setPriority(7))
      .saysNo('NOT_ALLOWED_IN_STATE', 'A run that is CANCELING cannot be given another priority')
  })
})

describe('raising', () => {
  it('goes up from where it is, at most to 100', () => {
    RunSpec.given(one, step.setPriority(-20))
      .when(step.raise(30))
      .follows(['RunPriorityChanged', { priority: 10, reason: 'late' }])
      .when(step.raise(200))
      .follows(['RunPriorityChanged', { priority: 100 }])
      .when(step.raise(1))
      .staysQuiet()
  })
})
