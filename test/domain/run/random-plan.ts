import fc from 'fast-check'
import { type TaskDefinition, TRIGGER_RULES } from '../../../src/domain/dag/definition.js'
import type { Plan } from '../../../src/domain/dag/plan.js'
import type { ConditionScope } from '../../../src/domain/run/commands.js'
import { dag } from './run-spec.js'

const retries = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  delay: fc.constantFrom(0, 0, 30),
  backoff: fc.constantFrom('CONSTANT' as const, 'LINEAR' as const, 'EXPONENTIAL' as const),
  jitter: fc.boolean(),
})

const randomTask = fc.record({
  /** Taken modulo the number of tasks before it. */
  needs: fc.array(fc.nat(1_000), { maxLength: 4 }),
  when: fc.option(fc.constantFrom(...TRIGGER_RULES), { freq: 2 }),
  condition: fc.oneof(
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('yes', 'no', 'boom') },
    { weight: 1, arbitrary: fc.nat(1_000) },
  ),
  retry: fc.option(retries, { freq: 2 }),
  /** How many elements its list has. */
  elements: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) }),
})

/** DAGs of up to `maxTasks` tasks, written in the order of their needs or against it. */
export function randomPlan(maxTasks: number): fc.Arbitrary<Plan> {
  return fc
    .record({
      tasks: fc.array(randomTask, { minLength: 1, maxLength: maxTasks, size: 'max' }),
      isBackwards: fc.boolean(),
      skipFailed: fc.boolean(),
      maxParallel: fc.option(fc.integer({ min: 1, max: 5 })),
    })
    .map(({ tasks, isBackwards, skipFailed, maxParallel }) => {
      const entries = tasks.map(({ needs, when, condition, retry, elements }, at): [string, TaskDefinition] => {
        const upstream = at === 0 ? [] : [...new Set(needs.map((need) => `t${need % at}`))]
        const expression = typeof condition === 'number' ? `outputs.t${condition % tasks.length}` : condition
        const options = { ...(when && { when }), ...(expression && { if: expression }), ...(retry && { retry }) }
        const list = elements === null ? {} : { forEach: Array.from({ length: elements }, (_, index) => index) }
        return [`t${at}`, { needs: upstream, ...options, ...list }]
      })
      const inOrder = isBackwards ? entries.reverse() : entries
      return dag(Object.fromEntries(inOrder), { skipFailed, ...(maxParallel !== null && { maxParallel }) })
    })
}

/** Evaluates the conditions that random plans have: an output is true when it is odd. */
export function evaluateRandom(expression: string, { outputs }: Pick<ConditionScope, 'outputs'>): boolean {
  if (expression === 'yes' || expression === 'no') return expression === 'yes'
  const output = outputs[expression.replace('outputs.', '')]
  if (output === undefined) throw new Error(`there is no ${expression}`)
  return typeof output === 'number' && output % 2 === 1
}
