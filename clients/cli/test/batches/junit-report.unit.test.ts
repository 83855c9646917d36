import { junitReport } from '../../src/batches/junit-report.js'
import type { ScriptResult } from '../../src/batches/read-scripts.js'
import type { Run } from '../../src/runs/run.js'

const run = { name: 'nightly <suite>', durationSeconds: 12.5 } as Run
const result = (taskKey: string, more: Partial<ScriptResult> = {}): ScriptResult => ({
  taskKey,
  name: taskKey,
  status: 'SUCCEEDED',
  verdict: 'UNKNOWN',
  exitCode: 0,
  errorMessage: null,
  durationSeconds: 1,
  startedAt: '2026-12-01T02:30:00.000Z',
  script: { path: `login/${taskKey}.py`, module: 'login' },
  ...more,
})

it('each module is a suite, each script a case, and each end is what JUnit calls it', () => {
  const scripts = [
    result('a', { verdict: 'PASS' }),
    result('b', { verdict: 'FAIL' }),
    result('c', { status: 'FAILED', errorMessage: 'Exited with code 3', durationSeconds: 0.25 }),
    result('d', { status: 'TIMED_OUT', errorMessage: 'Took longer than its timeout of 1 s' }),
    result('e', { status: 'SKIPPED', errorMessage: 'Not run: c ended FAILED', durationSeconds: null, startedAt: null }),
    result('f', { script: null, name: 'f' }),
  ]
  expect(
    junitReport(run, scripts, new Map([['c', 'Traceback\n  x < y & "z"']])),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nightly &lt;suite&gt;" tests="6" failures="2" errors="1" skipped="1" time="12.500">
  <testsuite name="login" tests="5" failures="2" errors="1" skipped="1" time="3.250" timestamp="2026-12-01T02:30:00.000Z">
    <testcase name="login/a.py" classname="login" time="1.000"/>
    <testcase name="login/b.py" classname="login" time="1.000">
      <failure message="The verdict is FAIL" type="FAIL"/>
    </testcase>
    <testcase name="login/c.py" classname="login" time="0.250">
      <failure message="Exited with code 3" type="FAILED">Traceback
  x &lt; y &amp; &quot;z&quot;</failure>
    </testcase>
    <testcase name="login/d.py" classname="login" time="1.000">
      <error message="Took longer than its timeout of 1 s" type="TIMED_OUT"/>
    </testcase>
    <testcase name="login/e.py" classname="login" time="0.000">
      <skipped message="Not run: c ended FAILED"/>
    </testcase>
  </testsuite>
  <testsuite name="nightly &lt;suite&gt;" tests="1" failures="0" errors="0" skipped="0" time="1.000" timestamp="2026-12-01T02:30:00.000Z">
    <testcase name="f" classname="nightly &lt;suite&gt;" time="1.000"/>
  </testsuite>
</testsuites>
`)
})

it('what no XML may hold is replaced, and a message is one line', () => {
  const report = junitReport(
    run,
    [result('true', { status: 'FAILED', errorMessage: 'a\u0000b\u001b[31m\nc \ud800', name: 'true', script: null })],
    new Map(),
  )
  expect(report).toContain('message="a\ufffdb\ufffd[31m c \ufffd"')
  expect(report).toContain('<testcase name="true"')
})
