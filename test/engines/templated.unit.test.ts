import type { Assignment, Engine, EngineResult } from '../../src/engines/engine.js'
import { NOOP_RESULT } from '../../src/engines/noop.js'
import { TemplatedEngine } from '../../src/engines/templated.js'
import { assignmentOf, RecordedControl } from './assignments.js'

const seen: Assignment[] = []
const engine: Engine = {
  async execute(assignment) {
    seen.push(assignment)
    return NOOP_RESULT
  },
}

const inputs = { values: { table: 'facts' }, schema: {} }
const unresolved = (): never => {
  throw new Error('with.table must be known, and is not')
}

function execute(resolve: ConstructorParameters<typeof TemplatedEngine>[1], change: Partial<Assignment>) {
  seen.length = 0
  const scope = { parameters: { table: 'own', day: 1 }, outputs: {}, run: {} }
  const assignment = assignmentOf({ inputs, scope, ...change })
  return new TemplatedEngine(engine, resolve).execute(assignment, new RecordedControl())
}

it("a template's inputs join the parameters and hide those of the same name", async () => {
  await execute((values) => values, {})
  expect(seen[0]?.scope.parameters).toEqual({ table: 'facts', day: 1 })
  expect(seen[0]?.environment).toEqual({ DAGBOOK_PARAM_TABLE: 'facts' })
})

it('an attempt whose inputs have no values does not begin; one that has begun is found again all the same', async () => {
  const failed: EngineResult = await execute(unresolved, {})
  expect(failed).toMatchObject({ outcome: 'ERRORED', result: { errorMessage: 'with.table must be known, and is not' } })
  expect(seen).toEqual([])
  expect(await execute(unresolved, { isStarted: true })).toBe(NOOP_RESULT)
  expect(seen).toHaveLength(1)
})
