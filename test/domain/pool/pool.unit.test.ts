import { decidePool, evolvePool, NO_POOL, type PoolCommand, type PoolState } from '../../../src/domain/pool/pool.js'
import { isRefused } from '../../../src/domain/rejection.js'
import { checkEventSchemas } from '../../golden/check-event-schemas.js'

const CREATE: PoolCommand = { type: 'CreatePool', name: 'gpus', totalCpu: 8, totalMemoryBytes: 64e9 }
const DELETE: PoolCommand = { type: 'DeletePool' }
const update = (settings: Extract<PoolCommand, { type: 'UpdatePool' }>['settings']): PoolCommand => ({
  type: 'UpdatePool',
  settings,
})

/** What each command leads to in turn: event types, or the refusal's code and path. The events obey their schemas. */
function after(...commands: PoolCommand[]): { state: PoolState; answers: string[][] } {
  let state = NO_POOL
  const answers = commands.map((command) => {
    const decision = decidePool(command, state)
    if (isRefused(decision)) return decision.rejections.map(({ code, path }) => `${code} ${path.join('.')}`)
    checkEventSchemas(decision)
    state = decision.reduce(evolvePool, state)
    return decision.map(({ type }) => type)
  })
  return { state, answers }
}

it('a pool begins active; what is left out of an update stays', () => {
  const { answers, state } = after(
    CREATE,
    update({ status: 'PAUSED' }),
    update({ totalCpu: 2 }),
    update({ totalCpu: 2 }),
  )
  expect(answers).toEqual([['PoolCreated'], ['PoolSettingsChanged'], ['PoolSettingsChanged'], []])
  expect(state).toMatchObject({ settings: { status: 'PAUSED', totalCpu: 2, totalMemoryBytes: 64e9 } })
})

it('everything that is wrong is said at once', () => {
  const wrong: PoolCommand = { type: 'CreatePool', name: '', totalCpu: -1, totalMemoryBytes: Number.NaN }
  expect(after(wrong).answers).toEqual([['INVALID name', 'INVALID totalCpu', 'INVALID totalMemoryMb']])
})

it('a deleted pool is gone for ever; the one that is taken unless named has to stay', () => {
  expect(after(CREATE, DELETE, DELETE, update({}), CREATE).answers.slice(1)).toEqual([
    ['PoolDeleted'],
    [],
    ['NOT_ALLOWED_IN_STATE '],
    ['CONFLICT '],
  ])
  expect(after({ ...CREATE, name: 'default' } as PoolCommand, DELETE).answers[1]).toEqual(['NOT_ALLOWED_IN_STATE '])
  expect(after(DELETE).answers).toEqual([['NOT_FOUND ']])
})
