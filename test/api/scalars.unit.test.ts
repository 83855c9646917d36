import { parseValue } from 'graphql'
import { JsonObjectScalar, JsonScalar } from '../../src/api/json-scalars.js'
import { BigIntScalar, DateTimeScalar, PositionScalar } from '../../src/api/scalars.js'

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

test.each([
  '',
  'now',
  '2026-11-22',
  '2026-11-22T09:30',
  '2026-13-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T23:60:00Z',
  '2026-01-01T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '+010000-01-01T00:00:00Z',
  '2026-01-01T00:00:00',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01T00:00:00Z\u0000',
  5,
  null,
  {},
  [],
  true,
])('DateTime refuses %j', (value) => {
  expect(() => DateTimeScalar.parseValue(value)).toThrow('DateTime must be')
})

test.each([
  ['2026-11-22T09:30:00Z', '2026-11-22T09:30:00.000Z'],
  ['2026-11-22T09:30:00.5+02:00', '2026-11-22T07:30:00.500Z'],
  ['2024-02-29t00:00:00z', '2024-02-29T00:00:00.000Z'],
])('DateTime reads %s as %s', (given, text) => {
  expect(DateTimeScalar.serialize(DateTimeScalar.parseValue(given))).toBe(text)
})

test.each(['-1', '01', '1.5', '1e3', ' 1', '', '9007199254740993', 1.5, -1, null, {}])(
  'Position refuses %j',
  (value) => {
    expect(() => PositionScalar.parseValue(value)).toThrow('Position must be')
  },
)

test('Position and BigInt are decimal strings outside, numbers inside', () => {
  expect(PositionScalar.serialize(PositionScalar.parseValue('9007199254740991'))).toBe('9007199254740991')
  expect(BigIntScalar.parseValue('-5')).toBe(-5)
  expect(PositionScalar.parseLiteral(parseValue('"7"'), {})).toBe(7)
})

test.each([
  ['a key __proto__', JSON.parse('{"a":{"__proto__":1}}')],
  ['NUL', { a: 'x\u0000' }],
  ['NUL in a key', { 'x\u0000': 1 }],
  ['half a surrogate pair', ['\ud800']],
  ['depth', nested(100)],
  ['size', Array.from({ length: 30_000 }, () => 1)],
  ['infinity', Number.POSITIVE_INFINITY],
])('JSON refuses %s', (_, value) => {
  expect(() => JsonScalar.parseValue(value)).toThrow('JSON')
})

test('JSON literals are held to the same rules, and take variables', () => {
  expect(JsonScalar.parseLiteral(parseValue('{a: [1, $b]}'), { b: 'c' })).toEqual({ a: [1, 'c'] })
  expect(() => JsonScalar.parseLiteral(parseValue('{__proto__: 1}'), {})).toThrow('__proto__')
})

test.each([[[]], ['x'], [null], [5]])('JSONObject refuses %j', (value) => {
  expect(() => JsonObjectScalar.parseValue(value)).toThrow('JSONObject must be an object')
})
