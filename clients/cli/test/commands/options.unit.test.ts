import { moment, oneOf, position, wholeNumber } from '../../src/commands/command.js'
import { serverUrl, socketEndpointOf } from '../../src/config/server-url.js'
import { parseDagPath } from '../../src/dags/find-dag.js'

test('a whole number is inside its range', () => {
  expect(wholeNumber(-100, 100)('-7')).toBe(-7)
  for (const bad of ['', '1.5', '101', 'x', '1e2']) expect(() => wholeNumber(-100, 100)(bad)).toThrow('whole number')
})

test('a word is taken in any case', () => {
  expect(oneOf('ALL', 'FAILED')('failed')).toBe('FAILED')
  expect(() => oneOf('ALL', 'FAILED')('some')).toThrow('ALL, FAILED')
})

test('a time is RFC 3339 or a date', () => {
  expect(moment('2026-12-01')).toBe('2026-12-01T00:00:00.000Z')
  expect(moment('2026-12-01T02:30:00+02:00')).toBe('2026-12-01T00:30:00.000Z')
  for (const bad of ['yesterday', '2026-13-01', '1', '2026-12-01T02:30:00']) expect(() => moment(bad)).toThrow('time')
})

test('a position is a whole number of any length that fits', () => {
  expect(position('9007199254740993')).toBe('9007199254740993')
  for (const bad of ['-1', '1.0', '', 'x', '1'.repeat(20)]) expect(() => position(bad)).toThrow('position')
})

test.each([
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://127.0.0.1:4000/graphql', 'http://127.0.0.1:4000'],
  ['https://example.org/dagbook/', 'https://example.org/dagbook'],
])('server %s is stored as %s', (given, stored) => {
  expect(serverUrl(given)).toBe(stored)
})

test('a server is http or https, its WebSocket ws or wss', () => {
  for (const bad of ['example.org', 'ftp://example.org', '']) expect(() => serverUrl(bad)).toThrow('http or https')
  expect(socketEndpointOf('https://example.org')).toBe('wss://example.org/graphql')
})

test('a DAG is PROJECT/DAG', () => {
  expect(parseDagPath('examples/hello')).toEqual({ project: 'examples', name: 'hello' })
  for (const bad of ['hello', '/hello', 'examples/', 'a/b/c']) expect(() => parseDagPath(bad)).toThrow('PROJECT/DAG')
})
