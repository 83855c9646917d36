import { runParameters } from '../../src/dags/parameters.js'

const schema = {
  type: 'object',
  properties: {
    day: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: ['number', 'null'] },
    dry: { type: 'boolean' },
    list: { type: 'array' },
    map: { $ref: '#/$defs/map' },
    loop: { $ref: '#/properties/loop' },
    either: { type: ['string', 'number'] },
  },
  $defs: { map: { type: 'object' } },
}

test.each([
  ['day=2026', { day: '2026' }],
  ['day=a=b', { day: 'a=b' }],
  ['day=', { day: '' }],
  ['count=7', { count: 7 }],
  ['ratio=null', { ratio: null }],
  ['dry=true', { dry: true }],
  ['list=[1,"x"]', { list: [1, 'x'] }],
  ['map={"a":1}', { map: { a: 1 } }],
  ['either=5', { either: '5' }],
  ['loop=5', { loop: '5' }],
  ['unknown=5', { unknown: '5' }],
  ['toString=5', { toString: '5' }],
])('%s becomes what the schema says', (pair, expected) => {
  expect(runParameters([pair], undefined, schema)).toEqual(expected)
})

test('without a schema every value is a string', () => {
  expect(runParameters(['count=7'], undefined, null)).toEqual({ count: '7' })
})

test('a later value wins, and the command line wins over the file', () => {
  expect(runParameters(['day=b', 'day=c'], 'day: a\ncount: 2\n', schema)).toEqual({ day: 'c', count: 2 })
})

test.each([
  ['count=seven', /--param count: .* integer, given seven/],
  ['=5', /must be NAME=VALUE, given =5/],
  ['count', /must be NAME=VALUE, given count/],
])('%s is refused', (pair, message) => {
  expect(() => runParameters([pair], undefined, schema)).toThrow(message)
})

test.each(['[1]', 'text', 'null', '{"a":'])('a parameters file with %s is refused', (text) => {
  expect(() => runParameters([], text, null)).toThrow('--params-file')
})
