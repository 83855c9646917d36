import fc from 'fast-check'
import { importWfFormat } from '../../src/wfformat/import-wf-format.js'

interface Graph {
  readonly ids: readonly string[]
  /** From an earlier to a later place in `ids`, so without cycles. */
  readonly edges: readonly (readonly [number, number])[]
}

// Ids that are close to each other once they are made to fit, and hostile ones.
const id = fc.oneof(
  fc.stringMatching(/^[ab.\-_1]{1,4}$/),
  fc.string({ minLength: 1, maxLength: 130, unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'a_2', '_', '1'),
)

const graph: fc.Arbitrary<Graph> = fc.uniqueArray(id, { minLength: 1, maxLength: 25 }).chain((ids) => {
  const place = fc.nat({ max: ids.length - 1 })
  const edge = fc.tuple(place, place).filter(([from, to]) => from < to)
  return fc.record({
    ids: fc.constant(ids),
    edges: ids.length < 2 ? fc.constant([]) : fc.array(edge, { maxLength: 60 }),
  })
})

// How each edge is written down: with the child, with the parent, or with both.
type Side = 'parents' | 'children' | 'both'

function textOf({ ids, edges }: Graph, sides: readonly Side[]): string {
  const side = (at: number): Side => sides[at % sides.length] as Side
  const tasks = ids.map((name, at) => ({
    id: name,
    name,
    parents: edges.flatMap(([from, to], index) => (to === at && side(index) !== 'children' ? [ids[from]] : [])),
    children: edges.flatMap(([from, to], index) => (from === at && side(index) !== 'parents' ? [ids[to]] : [])),
  }))
  return JSON.stringify({ name: 'laws', schemaVersion: '1.5', workflow: { specification: { tasks } } })
}

const sides = fc.array(fc.constantFrom<Side>('parents', 'children', 'both'), { minLength: 1, maxLength: 7 })

test('every recorded graph keeps its tasks and edges, under keys that fit and are unique', () => {
  fc.assert(
    fc.property(graph, sides, (recorded, written) => {
      const { definition } = importWfFormat(textOf(recorded, written), { scale: 0.5 })
      const entries = Object.entries(definition.tasks)
      const idOf = new Map(entries.map(([key, task]) => [key, task.name ?? key]))
      expect([...idOf.values()].sort()).toEqual([...recorded.ids].sort())
      for (const key of idOf.keys()) expect(key).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/)
      const kept = entries.flatMap(([key, task]) => (task.needs ?? []).map((need) => [idOf.get(need), idOf.get(key)]))
      const wanted = new Set(recorded.edges.map(([from, to]) => JSON.stringify([recorded.ids[from], recorded.ids[to]])))
      expect(kept.map((edge) => JSON.stringify(edge)).sort()).toEqual([...wanted].sort())
    }),
  )
})

test('what is imported has no cycle: any order that adds an edge back is refused', () => {
  const chain = graph.filter(({ edges }) => edges.length > 0)
  fc.assert(
    fc.property(chain, (recorded) => {
      const [from, to] = recorded.edges[0] as readonly [number, number]
      const backwards = { ...recorded, edges: [...recorded.edges, [to, from] as const] }
      expect(() => importWfFormat(textOf(backwards, ['both']), { scale: 1 })).toThrow('cycle')
    }),
  )
})

test('the same text always gives the same result', () => {
  fc.assert(
    fc.property(graph, sides, (recorded, written) => {
      const text = textOf(recorded, written)
      expect(importWfFormat(text, { scale: 0.1 })).toEqual(importWfFormat(text, { scale: 0.1 }))
    }),
    { numRuns: 20 },
  )
})
