import { printable, printableText } from '../../src/output/printable.js'
import { tableLines } from '../../src/output/table.js'
import { duration, moment, timeOfDay } from '../../src/output/time.js'

test('columns are as wide as their widest cell, and lines have no spaces at their ends', () => {
  const columns = [
    { head: 'NAME', cell: (row: { name: string; count: number | null }) => row.name },
    { head: 'N', cell: (row: { name: string; count: number | null }) => row.count, align: 'right' as const },
  ]
  const rows = [
    { name: 'ä', count: 12 },
    { name: 'longer', count: null },
  ]
  expect(tableLines(columns, rows)).toEqual(['NAME     N', 'ä       12', 'longer   -'])
})

test('a wide character takes two columns', () => {
  const columns = [
    { head: 'N', cell: (row: string) => row },
    { head: 'M', cell: () => 1 },
  ]
  expect(tableLines(columns, ['日本', 'e\u0301'])).toEqual(['N     M', '日本  1', 'e\u0301     1'])
})

test('nothing in a cell can steer the terminal', () => {
  expect(printable('a\u001b[2Jb\nc\u0007')).toBe('a\\x1b[2Jb c\\x07')
})

test('running text keeps lines, tabs and colours, and nothing else that steers', () => {
  expect(printableText('\u001b[31mred\u001b[0m\n\t\u001b]0;title\u0007')).toBe(
    '\u001b[31mred\u001b[0m\n\t\\x1b]0;title\\x07',
  )
})

test.each([
  [null, '-'],
  [0.0421, '42ms'],
  [12.34, '12.3s'],
  [59.96, '1m00s'],
  [245, '4m05s'],
  [7_620, '2h07m'],
  [273_600, '3d04h'],
])('%p seconds are shown as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test('times are shown in UTC', () => {
  expect(moment('2026-12-01T02:30:00.123Z')).toBe('2026-12-01 02:30:00Z')
  expect(timeOfDay('2026-12-01T02:30:00.123+02:00')).toBe('00:30:00.123')
})
