import fc from 'fast-check'
import { lineAt, linesOf } from '../../src/wfformat/lines.js'

test('each value has the line on which it begins', () => {
  const lines = linesOf('{\n "a": [\n  1,\n  {"b":\n   "x\\"]"}\n ],\n "c": null\n}', 6)
  expect([...lines]).toEqual([
    ['', 1],
    ['a', 2],
    ['a[0]', 3],
    ['a[1]', 4],
    ['a[1].b', 5],
    ['c', 7],
  ])
})

test('a value below the depth has the line of what holds it', () => {
  const lines = linesOf('{"a":\n[\n[1,\n2]]}', 2)
  expect(lineAt(lines, ['a', 0, 1])).toBe(3)
})

test('any JSON is walked to its end: a value after it is found on its line', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: 4 }), fc.nat({ max: 7 }), (value, depth, indent) => {
      const inner = JSON.stringify(value, null, indent)
      const text = `{"first":${inner},\n"last":1}`
      expect(linesOf(text, depth + 1).get('last')).toBe(text.split('\n').length)
    }),
  )
})

test('nesting deeper than the stack is skipped', () => {
  const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)},\n"b":1}`
  expect(linesOf(deep, 3).get('b')).toBe(2)
})
