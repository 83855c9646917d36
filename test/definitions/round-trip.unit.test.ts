import fc from 'fast-check'
import { stringify } from 'yaml'
import { checkDefinition } from '../../src/definitions/check-definition.js'
import { TRIGGER_RULES } from '../../src/domain/dag/definition.js'
import { planOf } from '../../src/domain/dag/plan.js'

const duration = fc.oneof(fc.constantFrom('90s', '1h30m', '1d', '250ms', '1.5s'), fc.integer({ min: 1, max: 1e6 }))
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((value) => !/\0|\p{Surrogate}/u.test(value))
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,10}$/).filter((value) => value !== '__proto__')
/** Values as JSON has them: there is no -0. */
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)))
  .filter((value) => {
    const written = JSON.stringify(value)
    return (
      !written.includes('$value') &&
      !written.includes('secret') &&
      !written.includes('__proto__') &&
      !/\\u/.test(written)
    )
  })

const engine = fc.oneof(
  fc.record(
    {
      run: text,
      arguments: fc.array(text, { maxLength: 3 }),
      env: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,6}$/), json, { maxKeys: 3 }),
      directory: text,
      resources: fc.record({ cpu: fc.integer({ min: 0, max: 8 }), memory: fc.constantFrom('512MB', '1.5GiB', 1000) }),
    },
    { requiredKeys: ['run'] },
  ),
  fc.record({ script: text, interpreter: text }, { requiredKeys: ['script'] }),
  fc.record({
    http: fc.record(
      { url: fc.webUrl(), method: fc.constantFrom('POST', 'PUT'), body: json },
      { requiredKeys: ['url', 'method'] },
    ),
  }),
  fc.constant({ noop: {} }),
)
const settings = fc.record(
  {
    name: text,
    when: fc.constantFrom(...TRIGGER_RULES),
    if: fc.constantFrom('parameters.a > 1', 'run.trigger == "MANUAL"'),
    timeout: duration,
    priority: fc.integer({ min: -100, max: 100 }),
    retry: fc.record({ maxAttempts: fc.integer({ min: 1, max: 9 }), delay: duration }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)

/** Definitions whose tasks need tasks of lower rank; ranks are shuffled against the file's order. */
const definition = fc
  .uniqueArray(name, { minLength: 1, maxLength: 12 })
  .chain((keys) =>
    fc.tuple(
      fc.constant(keys),
      fc.shuffledSubarray(keys, { minLength: keys.length }),
      fc.array(fc.tuple(engine, settings, fc.array(fc.nat(), { maxLength: 4 })), {
        minLength: keys.length,
        maxLength: keys.length,
      }),
    ),
  )
  .map(([keys, ranked, bodies]) => ({
    name: 'x',
    tasks: Object.fromEntries(
      keys.map((key, index) => {
        const [does, says, picks] = bodies[index] as (typeof bodies)[number]
        const before = ranked.slice(0, ranked.indexOf(key))
        const needs = [
          ...new Set(before.length === 0 ? [] : picks.map((pick) => before[pick % before.length] as string)),
        ]
        return [key, { ...does, ...says, needs }]
      }),
    ),
  }))

describe('any valid DAG', () => {
  it('comes back from YAML and from JSON as it was, and has a plan in topological order', () => {
    fc.assert(
      fc.property(definition, (given) => {
        for (const source of [stringify(given), JSON.stringify(given)]) {
          expect(checkDefinition(source)).toEqual({ definition: given, problems: [] })
        }
        const { tasks } = planOf(given as never)
        expect(tasks.map(({ executionOrder }) => executionOrder).sort((a, b) => a - b)).toEqual(
          tasks.map((_, n) => n + 1),
        )
        for (const task of tasks) {
          for (const need of task.needs) expect(tasks[need]?.executionOrder).toBeLessThan(task.executionOrder)
        }
      }),
      { numRuns: 100 },
    )
  })
})
