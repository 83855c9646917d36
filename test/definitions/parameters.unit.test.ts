import { compileParameters } from '../../src/definitions/compile-parameters.js'
import type { JsonObject } from '../../src/domain/json.js'
import { problemsOf } from './problems-of.js'

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    day: { type: 'string', format: 'date' },
    count: { type: 'integer', minimum: 1, default: 3 },
    code: { type: 'string', pattern: '^[a-z]+$' },
  },
  required: ['day'],
  additionalProperties: false,
}

describe('parameters of a run', () => {
  it('get their defaults, and the values given are left alone', () => {
    const values = { day: '2026-12-01' }
    expect(compileParameters(SCHEMA).applyDefaultsAndValidate(values)).toEqual({
      values: { day: '2026-12-01', count: 3 },
    })
    expect(values).toEqual({ day: '2026-12-01' })
  })

  it('are refused all at once, each with its path', () => {
    expect(compileParameters(SCHEMA).applyDefaultsAndValidate({ count: 0, code: 'X', dya: 1 })).toEqual({
      problems: expect.arrayContaining([
        { code: 'REQUIRED', path: ['day'], message: 'parameters needs day' },
        { code: 'SCHEMA_VIOLATION', path: ['dya'], message: 'parameters.dya is not a parameter of this DAG' },
        { code: 'SCHEMA_VIOLATION', path: ['count'], message: 'parameters.count must be >= 1' },
        { code: 'SCHEMA_VIOLATION', path: ['code'], message: 'parameters.code must match pattern "^[a-z]+$"' },
      ]),
    })
    expect(compileParameters(SCHEMA).applyDefaultsAndValidate({ day: '2026-13-01' })).toEqual({
      problems: [{ code: 'SCHEMA_VIOLATION', path: ['day'], message: 'parameters.day must match format "date"' }],
    })
  })

  it('are anything where there is no schema, but for names that cannot reach a command', () => {
    const { applyDefaultsAndValidate } = compileParameters(undefined)
    expect(applyDefaultsAndValidate({ a: [1] })).toEqual({ values: { a: [1] } })
    expect(applyDefaultsAndValidate({ 'a-b': 1, a_B: 2, '1': 3 })).toEqual({
      problems: [
        expect.objectContaining({ path: ['1'] }),
        expect.objectContaining({
          message: 'parameters: "a_B" must not share the variable DAGBOOK_PARAM_A_B with a-b',
        }),
      ],
    })
  })

  it('are checked within a deadline, whatever the schema', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `a${n}`,
        { allOf: [{ $ref: `#/$defs/a${n + 1}` }, { $ref: `#/$defs/a${n + 1}` }] },
      ]),
    )
    const schema = { $ref: '#/$defs/a0', $defs: { ...doubling, a40: { required: ['x'] } } }
    expect(compileParameters(schema as JsonObject).applyDefaultsAndValidate({})).toEqual({
      problems: [expect.objectContaining({ message: expect.stringMatching(/must end within 250 ms/) })],
    })
  })

  it('are matched by patterns in linear time', () => {
    const schema: JsonObject = { properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
    const result = compileParameters(schema).applyDefaultsAndValidate({ a: `${'a'.repeat(50_000)}b` })
    expect(result).toEqual({ problems: [expect.objectContaining({ path: ['a'] })] })
  })
})

describe('the schema of parameters', () => {
  const problems = (schema: string) => problemsOf(`name: x\nrun: y\nparameters: ${schema}\n`)

  it.each([
    ['5', /^3:13 INVALID parameters must be a JSON Schema, an object, not 5$/],
    ['{ type: array }', /^3:21 INVALID parameters.type must be object/],
    ['{ properties: { a: { type: strin } } }', /^3:40 INVALID parameters.properties.a.type must be equal to one of/],
    [
      '{ properties: { a: { tipe: string } } }',
      /^3:13 INVALID parameters must be a valid JSON Schema: unknown keyword: "tipe"/,
    ],
    ['{ properties: { a: { $ref: "http://x/y" } } }', /^3:40 INVALID .*\$ref must point into the same schema/],
    ['{ properties: { a: { $ref: "#/$defs/no" } } }', /^3:13 INVALID .*can't resolve reference/],
    ['{ $id: "http://x/y" }', /^3:20 INVALID parameters.\$id is not allowed/],
    ['{ $schema: "http://json-schema.org/draft-07/schema#" }', /^3:24 INVALID .*\$schema must be https/],
    ['{ properties: { a: { $async: true } } }', /^3:42 INVALID .*\$async is not allowed/],
    ['{ properties: { a: { pattern: "(a)\\\\1" } } }', /^3:43 INVALID .*must be a pattern of RE2/],
    ['{ patternProperties: { "(?!a)": {} } }', /INVALID .*must be a pattern of RE2/],
    ['{ properties: { a: { pattern: "a{600}b{600}" } } }', /must repeat at most 1000 times in all, not 1200/],
    [`{ properties: { a: { pattern: "${'a'.repeat(501)}" } } }`, /must be at most 500 characters, not 501/],
    ['{ properties: { a: { format: no-such } } }', /unknown format "no-such"/],
    ['{ properties: { "a b": {} } }', /^3:36 INVALID .*must start with a letter/],
    ['{ properties: { a-b: {}, A_B: {} } }', /^3:43 INVALID .*share the variable DAGBOOK_PARAM_A_B with a-b/],
    [
      '{ properties: { a: { type: integer, default: x } } }',
      /must have defaults that it allows: parameters.a must be integer/,
    ],
    ['{ allOf: [{ $ref: "#" }] }', /cannot be validated: Maximum call stack/],
    [`{ description: "${'x'.repeat(64_000)}" }`, /^3:13 TOO_LARGE parameters must be at most 64000 characters/],
  ])('%.60s is refused', (schema, problem) => {
    const [first] = problems(schema)
    expect(first).toMatch(problem)
  })

  it('may refer to its own parts and require what has no default', () => {
    expect(
      problems(
        '{ type: object, properties: { a: { $ref: "#/$defs/t" } }, required: [a], $defs: { t: { type: string } } }',
      ),
    ).toEqual([])
  })
})
