import { parseElementKey } from '../../src/domain/dag/elements.js'
import { listExpression } from '../../src/domain/dag/list-expression.js'
import { problemsOf, problemsOfTask } from './problems-of.js'

const two = (load: string) =>
  problemsOf(`name: x\ntasks:\n  extract: { run: x }\n  other: { run: x }\n  load: { needs: [extract], ${load} }\n`)

describe('forEach', () => {
  it.each([
    'forEach: [a, 2, { b: null }], run: x',
    'forEach: [], run: x',
    'forEach: extract.files, run: x',
    'forEach: outputs.extract.files, run: x',
    `forEach: 'outputs["extract"].files.filter(f, f != "")', run: x`,
    'forEach: "[1, 2]", run: x',
    'forEach: parameters.days, http: { method: POST, url: "http://a/", body: { of: { $value: item.name }, at: { $value: index } } }',
  ])('takes %s', (text) => {
    expect(two(text)).toEqual([])
  })

  it.each([
    ['forEach: 3, run: x', /load.forEach must be a list of at most 10000 elements or a CEL expression/],
    ['forEach: "1 + 1", run: x', /load.forEach must be a list, not "1 \+ 1" \(int\)/],
    ['forEach: other.files, run: x', /Unknown variable: other/],
    ['forEach: outputs.other.files, run: x', /must read outputs of tasks before it only/],
    ['forEach: item, run: x', /must not use item or index, which only elements of forEach have/],
    ['forEach: [1], if: "item > 0", run: x', /load.if must not use item or index/],
    ['http: { method: POST, url: "http://a/", body: { $value: item } }', /body.\$value must not use item or index/],
  ])('does not take %s', (text, rule) => {
    expect(two(text)).toEqual([expect.stringMatching(rule)])
  })

  it('is for a DAG of one task, too', () => {
    expect(problemsOf('name: x\nforEach: parameters.days\nrun: y')).toEqual([])
    expect(problemsOfTask('forEach: [a]', 'run: x')).toEqual([])
  })

  it('has a short form for what its needs put out, whatever their keys', () => {
    expect(listExpression('load-1.a.b', ['load-1'])).toBe('outputs["load-1"].a.b')
    expect(listExpression('run.tags', ['run'])).toBe('run.tags')
    expect(listExpression('load.files.map(f, f)', ['load'])).toBe('load.files.map(f, f)')
  })
})

it('an element is named by its place as it is written, below 10,000', () => {
  expect(['a[0]', 'a-b[9999]'].map(parseElementKey)).toEqual([
    { task: 'a', index: 0 },
    { task: 'a-b', index: 9_999 },
  ])
  expect(['a', 'a[10000]', 'a[007]', 'a[99999999999]', 'a[-1]', '[0]'].map(parseElementKey)).toEqual(
    Array(6).fill(null),
  )
})
