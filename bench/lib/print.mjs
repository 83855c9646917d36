/** The evaluated benchmark as Markdown: facts, one table per measure, and whether each goal is reached. */
export function markdown(benchmark, { rows, goals }, machine, rounds) {
  return [
    `## ${benchmark.name}: ${benchmark.title}`,
    '',
    ...Object.values(machine),
    `Rounds: ${rounds}. Ratios are Dagbook / peer inside each round; median and range.`,
    ...benchmark.measures.flatMap((measure, index) => ['', ...table(measure, rows, index)]),
    '',
    ...goals.map(goalLine),
    '',
  ].join('\n')
}

function table(measure, rows, index) {
  const head = `| ${measure.label} | median | range | n | ratio (${measure.isLessBetter ? 'less' : 'more'} is better) |`
  return [
    head,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(({ label, measures }) => {
      const { values, ratio } = measures[index]
      if (values === null) return `| ${label} | failed | | 0 | |`
      const range = `${number(values.min)} - ${number(values.max)}`
      const ratios = ratio === null ? '' : `${number(ratio.median)} (${number(ratio.min)} - ${number(ratio.max)})`
      return `| ${label} | ${number(values.median)} | ${range} | ${values.count} | ${ratios} |`
    }),
  ]
}

function goalLine({ text, ratio, isReached }) {
  const said = { true: 'reached', false: 'NOT reached', null: 'not measured' }[String(isReached)]
  return `- ${text}: ${said}${ratio === null ? '' : `, ratio ${number(ratio.median)}`}`
}

function number(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
