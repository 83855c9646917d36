import type { PoolId, ProjectId } from '../../../src/domain/ids.js'
import {
  decideQueue,
  evolveQueue,
  NO_QUEUE,
  type QueueCommand,
  type QueueEvent,
  type QueueState,
} from '../../../src/domain/queue/queue.js'
import { isRefused } from '../../../src/domain/rejection.js'
import { checkEventSchemas } from '../../golden/check-event-schemas.js'

const POOL = 'pool_1' as PoolId
const ACME = 'project_acme' as ProjectId
const CREATE: QueueCommand = { type: 'CreateQueue', name: 'gpu', capacity: 4, priority: 0, poolId: POOL }
const DELETE: QueueCommand = { type: 'DeleteQueue' }
const update = (settings: Extract<QueueCommand, { type: 'UpdateQueue' }>['settings']): QueueCommand => ({
  type: 'UpdateQueue',
  settings,
})

/** What each command leads to in turn: event types, or the refusal's code and path. The events obey their schemas. */
function after(...commands: QueueCommand[]): { state: QueueState; answers: string[][]; events: QueueEvent[] } {
  let state = NO_QUEUE
  const events: QueueEvent[] = []
  const answers = commands.map((command) => {
    const decision = decideQueue(command, state)
    if (isRefused(decision)) return decision.rejections.map(({ code, path }) => `${code} ${path.join('.')}`)
    checkEventSchemas(decision)
    state = decision.reduce(evolveQueue, state)
    events.push(...decision)
    return decision.map(({ type }) => type)
  })
  return { state, answers, events }
}

it('a queue opens for every project, or for those that are named', () => {
  const settings = { status: 'OPEN', capacity: 4, priority: 0, poolId: POOL }
  expect(after(CREATE).state).toMatchObject({ name: 'gpu', settings: { ...settings, projectIds: [] } })
  const kept = after({ ...CREATE, projectIds: [ACME] } as QueueCommand)
  expect(kept.answers).toEqual([['QueueCreated', 'QueueSettingsChanged']])
  expect(kept.state).toMatchObject({ settings: { ...settings, projectIds: [ACME] } })
})

it('what is left out of an update stays, and an update that changes nothing is none', () => {
  const { answers, state } = after(
    CREATE,
    update({ status: 'DRAINING' }),
    update({ capacity: 1 }),
    update({ capacity: 1 }),
  )
  expect(answers.slice(1)).toEqual([['QueueSettingsChanged'], ['QueueSettingsChanged'], []])
  expect(state).toMatchObject({ settings: { status: 'DRAINING', capacity: 1, priority: 0, poolId: POOL } })
})

it('everything that is wrong is said at once', () => {
  const wrong = {
    ...CREATE,
    name: '1st',
    capacity: -1,
    priority: 101,
    projectIds: ['acme' as ProjectId],
  } as QueueCommand
  expect(after(wrong).answers).toEqual([
    ['INVALID name', 'INVALID capacity', 'INVALID priority', 'INVALID projectIds.0'],
  ])
  const many = Array.from({ length: 101 }, (_, at) => `project_${at}` as ProjectId)
  expect(after(CREATE, update({ capacity: 1.5, projectIds: many })).answers[1]).toEqual([
    'INVALID capacity',
    'TOO_LARGE projectIds',
  ])
})

it('a deleted queue is gone for ever, and deleting it again does nothing', () => {
  expect(after(CREATE, DELETE, DELETE, update({ capacity: 1 }), CREATE).answers.slice(1)).toEqual([
    ['QueueDeleted'],
    [],
    ['NOT_ALLOWED_IN_STATE '],
    ['CONFLICT '],
  ])
  expect(after(DELETE, update({})).answers).toEqual([['NOT_FOUND '], ['NOT_FOUND ']])
})

it('the queue of tasks that name none has to stay', () => {
  expect(after({ ...CREATE, name: 'default' } as QueueCommand, DELETE).answers[1]).toEqual(['NOT_ALLOWED_IN_STATE '])
})
