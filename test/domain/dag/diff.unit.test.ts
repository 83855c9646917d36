import fc from 'fast-check'
import type { DagDefinition } from '../../../src/domain/dag/definition.js'
import { diffDefinitions } from '../../../src/domain/dag/diff.js'
import type { Json } from '../../../src/domain/json.js'
import { isSame } from '../../../src/domain/same.js'

const NONE = { changes: [], tasks: { added: [], removed: [], changed: [] } }

const FROM: DagDefinition = {
  name: 'nightly',
  timeout: '1h',
  parameters: { type: 'object', properties: { day: { type: 'string' } } },
  tasks: { a: { run: 'echo a', env: { X: '1', Y: '2' } }, b: { needs: ['a'], run: 'echo b' }, c: { noop: {} } },
}

it('names what was added, removed and changed, with the values before and after', () => {
  const to: DagDefinition = {
    name: 'nightly',
    maxParallel: 2,
    parameters: { type: 'object', properties: { day: { type: 'string', format: 'date' } } },
    tasks: {
      d: { run: 'echo d' },
      a: { run: 'echo a', env: { Y: '2', X: '1' } },
      b: { run: 'echo B', when: 'ALL_DONE' },
    },
  }
  expect(diffDefinitions(FROM, to)).toEqual({
    changes: [
      { key: 'maxParallel', after: 2 },
      { key: 'parameters', before: FROM.parameters, after: to.parameters },
      { key: 'timeout', before: '1h' },
    ],
    tasks: {
      added: [{ key: 'd', after: { run: 'echo d' } }],
      removed: [{ key: 'c', before: { noop: {} } }],
      changed: [
        {
          key: 'b',
          changes: [
            { key: 'needs', before: ['a'] },
            { key: 'run', before: 'echo b', after: 'echo B' },
            { key: 'when', after: 'ALL_DONE' },
          ],
        },
      ],
    },
  })
})

it('a task called like a property of every object is a task like any other', () => {
  const tasks = Object.fromEntries([['constructor', { run: 'x' }]])
  const { added, removed } = diffDefinitions({ name: 'n', tasks: {} }, { name: 'n', tasks }).tasks
  expect([added, removed]).toEqual([[{ key: 'constructor', after: { run: 'x' } }], []])
  expect(diffDefinitions({ name: 'n', tasks }, { name: 'n', tasks: {} }).tasks.removed).toHaveLength(1)
})

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
const definition = fc.record({
  name: fc.constant('n'),
  defaults: fc.dictionary(fc.constantFrom('env', 'queue'), json),
  tasks: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.dictionary(fc.constantFrom('run', 'env', 'needs'), json)),
}) as unknown as fc.Arbitrary<DagDefinition>

it('nothing differs from itself, and the way back says the same with before and after exchanged', () => {
  fc.assert(
    fc.property(definition, definition, (from, to) => {
      expect(diffDefinitions(from, JSON.parse(JSON.stringify(from)))).toEqual(NONE)
      const there = diffDefinitions(from, to)
      const back = diffDefinitions(to, from)
      expect(there.tasks.added.map(({ key }) => key).sort()).toEqual(back.tasks.removed.map(({ key }) => key).sort())
      const turned = there.changes.map(({ key, ...sides }) => ({
        key,
        ...('after' in sides ? { before: sides.after } : {}),
        ...('before' in sides ? { after: sides.before } : {}),
      }))
      expect(turned).toEqual(back.changes)
      expect(isSame(from as never, to as never)).toBe(JSON.stringify(there) === JSON.stringify(NONE))
    }),
  )
})
