import { linearPattern } from '../../../src/definitions/linear-pattern.js'
import type { VerdictPlan } from '../../../src/domain/dag/verdict.js'
import { judge, MAX_REPORT_BYTES } from '../../../src/engines/verdict/judge.js'

const part = (bytes: Buffer, offset: number, maxBytes: number) =>
  Promise.resolve(bytes.subarray(offset, offset + Math.min(maxBytes, 60_000)))

const judged = (plan: VerdictPlan, left: { stdout?: string; stderr?: string; report?: string }) => {
  const [stdout, stderr, report] = [left.stdout, left.stderr, left.report].map((text) => Buffer.from(text ?? '')) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  const evidence = {
    sizes: { STDOUT: stdout.length, STDERR: stderr.length },
    read: (stream: string, offset: number, maxBytes: number) =>
      part(stream === 'STDOUT' ? stdout : stderr, offset, maxBytes),
    readReport: (offset: number, maxBytes: number) => part(report, offset, maxBytes),
  }
  return judge(plan, evidence, linearPattern)
}

const junit = { from: 'JUNIT', path: 'out/results.xml' } as const

it('a report is read whole, in however many pieces it comes', async () => {
  const report = `<testsuite>${'<testcase name="a"/>'.repeat(5_000)}<testcase><failure/></testcase></testsuite>`
  expect(await judged(junit, { report })).toEqual({ verdict: 'FAIL', reason: null })
  expect(await judged(junit, { report: `\uFEFF<testsuite><testcase/></testsuite>` })).toEqual({
    verdict: 'PASS',
    reason: null,
  })
})

it.each([
  ['missing', '', 'The verdict is unknown: out/results.xml is missing, empty or cannot be read'],
  ['broken', 'nothing', 'The verdict is unknown: out/results.xml is no XML (1:7)'],
  [
    'too large',
    'x'.repeat(MAX_REPORT_BYTES + 1),
    'The verdict is unknown: out/results.xml has more than 4000000 bytes',
  ],
])('a report that is %s is UNKNOWN, saying why', async (_, report, reason) => {
  expect(await judged(junit, { report })).toEqual({ verdict: 'UNKNOWN', reason })
})

it('TAP is read in stdout or in a file', async () => {
  expect(await judged({ from: 'TAP', path: null }, { stdout: '1..1\nok 1\n' })).toEqual({
    verdict: 'PASS',
    reason: null,
  })
  expect(
    await judged({ from: 'TAP', path: 'a.tap' }, { stdout: '1..1\nok 1\n', report: '1..1\nnot ok 1\n' }),
  ).toMatchObject({
    verdict: 'FAIL',
  })
})

it('rules look at the end of what was printed, and what they do not find is the default', async () => {
  const plan = { from: 'RULES', rules: [{ pattern: 'FAILED', verdict: 'FAIL' }], otherwise: 'PASS' } as const
  expect(await judged(plan, { stdout: `FAILED\n${'x\n'.repeat(600_000)}` })).toEqual({ verdict: 'PASS', reason: null })
  expect(await judged(plan, { stdout: `${'x\n'.repeat(600_000)}FAILED\n` })).toEqual({ verdict: 'FAIL', reason: null })
})
