import { checkDefinition } from '../../src/definitions/check-definition.js'
import { planOf } from '../../src/domain/dag/plan.js'
import { problemsOf } from './problems-of.js'

const problems = (verdict: string) => problemsOf(`name: x\nrun: y\nverdict: ${verdict}`)
const planned = (text: string) => {
  const { definition } = checkDefinition(text)
  return definition === null ? null : planOf(definition).tasks
}

it.each([
  ['{ junit: results.xml }', { from: 'JUNIT', path: 'results.xml' }],
  ['{ tap: true }', { from: 'TAP', path: null }],
  ['{ tap: out.tap }', { from: 'TAP', path: 'out.tap' }],
  [
    '{ rules: [{ pattern: a, verdict: FAIL }] }',
    { from: 'RULES', rules: [{ pattern: 'a', verdict: 'FAIL' }], otherwise: 'UNKNOWN' },
  ],
  ['{ rules: [{ pattern: a, stream: STDERR, verdict: FAIL }], default: PASS }', { otherwise: 'PASS' }],
])('verdict: %s means %j', (verdict, meaning) => {
  expect(planned(`name: x\nscript: y.py\nverdict: ${verdict}`)?.[0]?.action).toMatchObject({ verdict: meaning })
})

it.each([
  ['{}', 'REQUIRED verdict must have exactly one of junit, tap, rules, not none'],
  ['{ junit: a, tap: true }', 'INVALID verdict must have exactly one of junit, tap, rules, not junit and tap'],
  ['{ tap: false }', 'INVALID verdict.tap must be true, or the path of a file, not false'],
  ['{ junit: a, default: PASS }', 'INVALID verdict.default is for rules only'],
  [
    '{ rules: [{ pattern: "(?=a)", verdict: FAIL }] }',
    'INVALID verdict.rules[0].pattern: A pattern must be one of RE2',
  ],
  [
    '{ rules: [{ pattern: "a{999}b{999}", verdict: FAIL }] }',
    'INVALID verdict.rules[0].pattern: A pattern must repeat at most 1000',
  ],
  ['{ rules: [{ pattern: a }] }', 'REQUIRED verdict.rules[0] needs verdict'],
  ['{ rules: [] }', 'INVALID verdict.rules must be a list of 1 to 10 rules'],
  ['yes', 'INVALID verdict must be a mapping with one of junit, tap and rules'],
])('verdict: %s is refused: %s', (verdict, problem) => {
  expect(problems(verdict)).toEqual([expect.stringContaining(problem)])
})

it('only what runs a process is judged, by its own word or by the defaults', () => {
  expect(problemsOf('name: x\nnoop: {}\nverdict: { tap: true }')).toEqual([
    expect.stringContaining('verdict is for run and script only, not for noop'),
  ])
  const tasks = planned(`name: x
defaults: { verdict: { tap: true }, queueTimeout: 30 }
tasks:
  a: { run: x }
  b: { run: x, verdict: { junit: r.xml }, queueTimeout: 1m }
  c: { noop: {} }
`)
  expect(tasks?.map(({ action }) => ('verdict' in action ? action.verdict?.from : null))).toEqual([
    'TAP',
    'JUNIT',
    null,
  ])
  expect(tasks?.map(({ queueTimeoutMs }) => queueTimeoutMs)).toEqual([30_000, 60_000, 30_000])
})

it('a wait of no length is refused', () => {
  expect(problemsOf('name: x\nrun: y\nqueueTimeout: 0')).toEqual([
    expect.stringContaining('queueTimeout must be longer than nothing'),
  ])
})
