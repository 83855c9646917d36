import { checkCondition } from '../../src/definitions/check-condition.js'
import { evaluate, isLate } from '../../src/definitions/evaluate.js'
import { compileExpression } from '../../src/definitions/expression.js'
import { checkTemplateValues, resolveValues } from '../../src/definitions/template-values.js'
import { problemsOf } from './problems-of.js'

const scope = {
  parameters: {
    day: '2026-01-01',
    count: 5,
    ratio: 1.5,
    on: true,
    none: null,
    list: [1, 2, 3.5],
    deep: { 'a-b': [{ n: 1 }] },
  },
  outputs: { check: { rows: 12, files: ['a.csv', 'b.csv'] }, 'load-1': 'text' },
  run: { name: 'nightly', kind: 'DAG', trigger: 'SCHEDULE', logicalDate: '2026-11-23T02:30:00Z' },
}
const upstream = new Set(['check', 'load-1'])

describe('a condition', () => {
  it.each([
    ['parameters.day != "2026-01-02"', true],
    ['parameters.count > 3', true],
    ['parameters.count == 5 && parameters.count == 5.0 && parameters.ratio == 1.5', true],
    ['parameters.count + 1 == 6 && parameters.count * 1.5 == 7.5 && parameters.ratio - 1 == 0.5', true],
    ['parameters.ratio * 2.0 > 2.5 && 2 / parameters.ratio < 2.0', true],
    ['7 / 2 == 3 && double(7) / 2 == 3.5', true],
    ['2 in parameters.list && 3.5 in parameters.list && !(9 in parameters.list)', true],
    ['parameters.list[0] == 1 && size(parameters.list) == 3', true],
    ['parameters.deep["a-b"][0].n == 1', true],
    ['parameters.none == null && parameters.on', true],
    ['has(parameters.limit) || parameters.count > 9', false],
    ['outputs["check"].rows > 0 && outputs.check.files.all(f, f.endsWith(".csv"))', true],
    ['outputs["load-1"] == "text"', true],
    ['"check" in outputs && !("load-2" in outputs)', true],
    ['has(outputs.check)', true],
    ['outputs.check.files.exists(f, f.matches("^b\\\\.[a-z]+$"))', true],
    ['outputs.check.files.join("+").split("+").size() == 2', true],
    ['run.name == "nightly" && run.kind == "DAG" && run.trigger == "SCHEDULE"', true],
    ['timestamp(run.logicalDate).getDayOfWeek() == 1', true],
  ])('%s is %s', (text, expected) => {
    expect(checkCondition(text, { has: () => true })).toBeNull()
    expect(evaluate(text, scope)).toBe(expected)
  })

  it.each([
    ['1 +', /must be valid CEL, not "1 \+": .*EOF.*character 4/],
    ['1 + 1', /must be a condition, true or false, not "1 \+ 1" \(int\)/],
    ['paramters.day == 1', /Unknown variable: paramters/],
    ['run.nam == "x"', /No such key: nam/],
    ['run.name > 1', /no such overload: string > int/],
    ['outputs["other"].x > 1', /must read outputs of tasks before it only, not outputs\["other"\]/],
    ['outputs.other.x > 1', /outputs\["other"\]/],
    ['"other" in outputs', /outputs\["other"\]/],
    ['outputs[parameters.day] == 1', /literal key of a task, not by an expression/],
    ['size(outputs) > 1', /outputs must be followed by the literal key/],
    ['outputs.all(k, k == "a")', /outputs must be followed by the literal key/],
    ['[1].all(outputs, outputs == 1)', /outputs must not be the variable of all/],
    ['cel.bind(a, parameters.list, a + a) == []', /cel.bind is not allowed/],
    ['parameters.l.all(a, parameters.l.all(b, parameters.l.all(c, a == b)))', /at most 2 loops/],
    ['parameters.day.matches("(?=x)")', /must be one of RE2/],
    [`${Array(40).fill('1').join(' + ')} == 40`, /at most 32 additions/],
    [`"${'x'.repeat(2_000)}" == ""`, /at most 2000 characters/],
    [`${'('.repeat(100)}true${')'.repeat(100)}`, /maxDepth/],
  ])('%s is refused', (text, reason) => {
    expect(checkCondition(text, upstream)).toMatch(reason)
  })

  it('that gives no value is an error with the reason', () => {
    const errorOf = (text: string) => {
      try {
        return evaluate(text, scope)
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`
      }
    }
    expect(errorOf('parameters.limit > 1')).toBe('EvaluationError: No such key: limit')
    expect(errorOf('outputs.gone.rows > 1')).toBe('EvaluationError: No such key: gone')
    expect(errorOf('parameters.day > 1')).toMatch(/^EvaluationError: no such overload/)
    expect(errorOf('parameters.constructor == 1')).toBe('EvaluationError: No such key: constructor')
  })

  it('finds no output of a task that has none: one that failed, was skipped or wrote nothing', () => {
    const ended = { ...scope, outputs: { broken: null, check: { rows: 1 } } }
    expect(evaluate('"broken" in outputs || has(outputs.broken)', ended)).toBe(false)
    expect(evaluate('"check" in outputs && has(outputs.check)', ended)).toBe(true)
  })

  it('that would run for hours is cut off, also inside what swallows errors', () => {
    const list = Array.from({ length: 40_000 }, (_, index) => index)
    const heavy = { ...scope, parameters: { list } }
    for (let turn = 0; turn < 2; turn++) {
      expect(() =>
        evaluate('parameters.list.exists(a, parameters.list.exists(b, a + b < 0 || [a] == b))', heavy),
      ).toThrow('The evaluation must end within 250 ms')
    }
    expect(evaluate('parameters.list.exists(a, a == 3)', heavy)).toBe(true)
  })

  it('looks at a bounded number of values', () => {
    const parameters = { list: Array.from({ length: 100_001 }, () => 0) }
    expect(() => evaluate('size(parameters.list) > 1', { ...scope, parameters })).toThrow('more than 100000 values')
  })

  it('takes patterns that backtracking engines never finish', () => {
    const parameters = { text: `${'a'.repeat(5_000)}b` }
    expect(evaluate('parameters.text.matches("^(a+)+$")', { ...scope, parameters })).toBe(false)
  })

  it('tells which outputs it reads', () => {
    const text = 'outputs.a.x == 1 && "b" in outputs && outputs["c"].all(x, x in outputs["a"])'
    expect(compileExpression(text).outputs).toEqual(['a', 'b', 'c'])
    expect(['outputs.a.x', 'item.x', 'index + 1', 'parameters.x'].map(isLate)).toEqual([true, true, true, false])
  })
})

describe('upstream', () => {
  const tasks = (condition: string) =>
    `name: x\ntasks:\n  a: { noop: {} }\n  b: { noop: {}, needs: [a] }\n  c: { noop: {}, needs: [b], if: '${condition}' }\n  d: { noop: {} }\n`

  it('are all tasks before a task, and no others', () => {
    expect(problemsOf(tasks('outputs.a.x == outputs.b.x'))).toEqual([])
    for (const key of ['c', 'd', 'e']) {
      expect(problemsOf(tasks(`outputs.${key}.x == 1`))).toEqual([
        `5:34 INVALID tasks.c.if must read outputs of tasks before it only, not outputs["${key}"]: is it missing in needs?`,
      ])
    }
  })
})

describe('$value', () => {
  it('is replaced wherever it stands, by a value of any type', () => {
    const body = {
      day: { $value: 'parameters.day' },
      list: [{ $value: 'parameters.count + 1' }, { $value: 'parameters.deep' }, 1],
      half: { $value: 'parameters.ratio / 2' },
      made: { $value: '{"a": [parameters.on, null], "b": duration("90s")}' },
    }
    expect(checkTemplateValues(body, upstream, false)).toEqual([])
    expect(resolveValues(body, scope)).toEqual({
      day: '2026-01-01',
      list: [6, { 'a-b': [{ n: 1 }] }, 1],
      half: 0.75,
      made: { a: [true, null], b: '90s' },
    })
  })

  it('is checked when the file is', () => {
    const source =
      'name: x\nhttp:\n  url: http://x\n  method: POST\n  body: { a: [{ $value: "1 +" }], b: { $value: 1 }, c: { $value: "1", d: 1 } }\n'
    expect(problemsOf(source)).toEqual([
      expect.stringMatching(/^5:25 INVALID http\.body\.a\[0\]\.\$value must be valid CEL/),
      '5:48 INVALID http.body.b.$value must be a CEL expression',
      '5:66 INVALID http.body.c.$value must stand alone: $value replaces its whole mapping',
    ])
  })

  it('must be what JSON has', () => {
    expect(() => evaluate('9007199254740993', scope)).toThrow('cannot hold exactly')
    expect(() => evaluate('1.0 / 0.0', scope)).toThrow('Infinity, which JSON has not')
    expect(() => evaluate('b"x"', scope)).toThrow('JSON has not')
    expect(() => evaluate('type(1)', scope)).toThrow('JSON has not')
  })
})
