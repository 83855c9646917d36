import { EntryOrder } from '../../src/logs/entry-order.js'

const entry = (offset: number, text: string) => ({
  offset: String(offset),
  stream: 'STDOUT' as const,
  text,
  recordedAt: '2026-01-01T00:00:00Z',
})

test('a repeated entry passes once, and only with what it has more', () => {
  const order = new EntryOrder()
  expect(order.cursor).toBeNull()
  const passed = [entry(0, 'a'), entry(1, 'bc'), entry(0, 'a'), entry(1, 'bc'), entry(1, 'bcd'), entry(4, 'e')]
    .map((each) => order.pass(each)?.text ?? '')
    .join('|')
  expect(passed).toBe('a|bc|||d|e')
  expect(order.cursor).toBe('4')
})
