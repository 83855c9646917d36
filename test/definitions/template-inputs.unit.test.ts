import {
  applyTemplateDefaults,
  checkTemplateInputs,
  resolveTemplateInputs,
  type TemplateInputs,
} from '../../src/definitions/template-inputs.js'
import type { Json, JsonObject } from '../../src/domain/json.js'

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    table: { type: 'string', minLength: 2 },
    rows: { type: 'integer', default: 10 },
    mode: { type: 'object', properties: { fast: { type: 'boolean', default: true } } },
  },
  required: ['table'],
  additionalProperties: false,
}

const wish = (inputs: JsonObject): TemplateInputs => ({
  inputs,
  schema: SCHEMA,
  template: 'load@3',
  path: ['tasks', 'a', 'with'],
})
const value = ($value: string): JsonObject => ({ $value })
const scope = (parameters: JsonObject, outputs: { [key: string]: Json } = {}) => ({ parameters, outputs, run: {} })

describe('when a DAG is published', () => {
  const messages = (inputs: JsonObject) => {
    const result = applyTemplateDefaults(wish(inputs))
    return 'problems' in result ? result.problems.map(({ message }) => message) : result.values
  }

  it('the values of the file get the defaults of the template', () => {
    expect(messages({ table: 'facts', mode: {} })).toEqual({ table: 'facts', rows: 10, mode: { fast: true } })
  })

  it('every value that does not fit is named with its path', () => {
    expect(messages({ rows: 'many', extra: 1, mode: { fast: 1 } })).toEqual([
      'tasks.a.with needs table',
      'tasks.a.with.extra is not a parameter of template load@3',
      'tasks.a.with.rows must be integer',
      'tasks.a.with.mode.fast must be boolean',
    ])
  })

  it('what comes from the run is left as it is, but its name must be one of the template', () => {
    const table = value('parameters.table')
    expect(messages({ table, mode: { fast: value('parameters.fast') } })).toEqual({
      table,
      rows: 10,
      mode: { fast: value('parameters.fast') },
    })
    expect(messages({ table, other: value('1'), rows: 'x' })).toEqual([
      'tasks.a.with.rows must be integer',
      'tasks.a.with.other is not a parameter of template load@3',
    ])
  })
})

describe('when a run is asked for', () => {
  const messages = (inputs: JsonObject, parameters: JsonObject) => checkTemplateInputs(wish(inputs), scope(parameters))

  it('values that its parameters decide are judged, together with those of the file', () => {
    const inputs = { table: value('parameters.table'), rows: value('parameters.rows') }
    expect(messages(inputs, { table: 'facts', rows: 3 })).toEqual([])
    expect(messages(inputs, { table: 'f', rows: 1.5 })).toEqual([
      'tasks.a.with.table must NOT have fewer than 2 characters',
      'tasks.a.with.rows must be integer',
    ])
    expect(messages(inputs, { rows: 3 })).toEqual([expect.stringMatching(/^tasks.a.with.table has no value: /)])
  })

  it('values that outputs decide are left for later', () => {
    expect(messages({ table: value('outputs.b.table'), rows: value('parameters.rows') }, { rows: 'x' })).toEqual([
      'tasks.a.with.rows must be integer',
    ])
  })
})

describe('when a task starts', () => {
  it('all of its inputs have their values', () => {
    const inputs = { table: value('outputs.b.table'), rows: value('parameters.rows * 2') }
    expect(resolveTemplateInputs(inputs, SCHEMA, scope({ rows: 4 }, { b: { table: 'facts' } }))).toEqual({
      table: 'facts',
      rows: 8,
    })
  })

  it('what does not fit is refused, all at once', () => {
    const inputs = { table: value('outputs.b.table'), rows: value('parameters.rows') }
    const start = (table: Json) => () => resolveTemplateInputs(inputs, SCHEMA, scope({ rows: 'x' }, { b: { table } }))
    expect(start(1)).toThrow('with.table must be string; with.rows must be integer')
    expect(() => resolveTemplateInputs(inputs, SCHEMA, scope({ rows: 1 }))).toThrow('with.table has no value')
  })
})
