import { median } from './statistics.mjs'

/**
 * The rounds of one benchmark put together: for each variant and measure the median and range, and the median and range
 * of the ratios ours / theirs inside each round, for the machine's speed drifts from one minute to the next.
 */
export function evaluate(benchmark, results) {
  const ours = benchmark.variants.find((variant) => variant.isReference)
  const valuesOf = (id, measure) =>
    new Map(results.flatMap((r) => (r.id === id && r.measures ? [[r.round, r.measures[measure]]] : [])))
  const rows = benchmark.variants.map((variant) => ({
    id: variant.id,
    label: variant.label,
    measures: benchmark.measures.map(({ key }) => {
      const theirs = valuesOf(variant.id, key)
      const own = valuesOf(ours.id, key)
      const rounds = [...theirs.keys()].filter((round) => own.has(round))
      const ratios = rounds.map((round) => own.get(round) / theirs.get(round))
      return { key, values: spread([...theirs.values()]), ratio: spread(ratios) }
    }),
  }))
  return { rows, goals: benchmark.goals.map((goal) => reach(goal, rows)) }
}

function spread(values) {
  if (values.length === 0) return null
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length }
}

function reach(goal, rows) {
  const row = rows.find(({ id }) => id === goal.against)
  const ratio = row.measures.find(({ key }) => key === goal.measure).ratio
  const isReached =
    ratio === null ? null : goal.atLeast === undefined ? ratio.median <= goal.atMost : ratio.median >= goal.atLeast
  return { ...goal, ratio, isReached }
}
