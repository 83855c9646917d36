import { readTap } from '../../../src/engines/verdict/read-tap.js'

it.each([
  ['tests that passed', '1..2\nok 1\nok 2 - x\n', 'PASS'],
  ['the plan at the end, and chatter between', 'TAP version 14\nhello\nok 1\n# a comment\nworld ok\n1..1\n', 'PASS'],
  ['one that failed', '1..2\nok 1\nnot ok 2 - x\n', 'FAIL'],
  ['a failure that is still to do', '1..2\nok 1\nnot ok 2 - x # TODO later\n', 'PASS'],
  ['fewer tests than planned', '1..3\nok 1\nok 2\n', 'FAIL'],
  ['no plan', 'ok 1\n', 'FAIL'],
  ['a bail-out', '1..1\nBail out! no disk\n', 'FAIL'],
  ['nothing but skips', '1..1\nok 1 # SKIP not here\n', 'UNKNOWN'],
  ['a plan of nothing', '1..0 # skip all\n', 'UNKNOWN'],
  ['a subtest that failed, which its summary says', '1..1\n    1..1\n    not ok 1\nnot ok 1 - sub\n', 'FAIL'],
  ['a subtest that is allowed to fail', '1..1\n    1..1\n    not ok 1\nok 1 - sub\n', 'PASS'],
  ['lines that end as on Windows', '1..1\r\nok 1\r\n', 'PASS'],
  ['diagnostics that look like YAML', '1..1\nok 1\n  ---\n  a: [\n  ...\n', 'PASS'],
  ['no newline at the end', '1..1\nok 1', 'PASS'],
])('TAP with %s comes to its verdict', async (_, text, verdict) => {
  expect(await readTap(text)).toBe(verdict)
})

it('output without any TAP is told so', async () => {
  await expect(readTap('all is well\n    ok 1\n')).rejects.toMatchObject({ message: 'has no TAP in it' })
})

it('a line that has no end is looked at by its beginning', async () => {
  expect(await readTap(`1..1\nok 1 - ${'x'.repeat(300_000)}`)).toBe('PASS')
})
