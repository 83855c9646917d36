import XMLBuilder from 'fast-xml-builder'
import type { Run } from '../runs/run.js'
import { isBad, type ScriptResult } from './read-scripts.js'

/**
 * The run as a JUnit XML report: a suite for each module, a case for each script. FAILED, and a verdict FAIL, are failures;
 * the other bad ends are errors; SKIPPED, and what has not ended, is skipped. `traces`: stack traces by task key.
 */
export function junitReport(run: Run, scripts: readonly ScriptResult[], traces: ReadonlyMap<string, string>): string {
  const suites = new Map<string, ScriptResult[]>()
  for (const script of scripts) {
    const module = script.script?.module ?? run.name
    const suite = suites.get(module)
    if (suite === undefined) suites.set(module, [script])
    else suite.push(script)
  }
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    indentBy: '  ',
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  })
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      ...attributes({ name: run.name, ...countsOf(scripts), time: seconds(run.durationSeconds) }),
      testsuite: [...suites].map(([module, of]) => suiteOf(module, of, traces)),
    },
  })
}

function suiteOf(module: string, scripts: readonly ScriptResult[], traces: ReadonlyMap<string, string>): object {
  const total = scripts.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0)
  const timestamp = scripts.map(({ startedAt }) => startedAt).find((time) => time !== null)
  return {
    ...attributes({ name: module, ...countsOf(scripts), time: seconds(total), ...(timestamp ? { timestamp } : {}) }),
    testcase: scripts.map((script) => ({
      ...attributes({
        name: script.script?.path ?? script.name,
        classname: module,
        time: seconds(script.durationSeconds),
      }),
      ...resultOf(script, traces.get(script.taskKey)),
    })),
  }
}

type Kind = 'failure' | 'error' | 'skipped'

function kindOf(script: ScriptResult): Kind | null {
  if (script.status === 'FAILED' || script.verdict === 'FAIL') return 'failure'
  if (isBad(script)) return 'error'
  return script.status === 'SUCCEEDED' ? null : 'skipped'
}

function resultOf(script: ScriptResult, trace: string | undefined): object {
  const kind = kindOf(script)
  if (kind === null) return {}
  const { status, verdict, errorMessage } = script
  const verdictSays = verdict === 'FAIL' ? 'The verdict is FAIL' : `It is ${status}`
  const message = errorMessage ?? verdictSays
  if (kind === 'skipped') return { skipped: attributes({ message }) }
  return {
    [kind]: { ...attributes({ message, type: verdict === 'FAIL' ? 'FAIL' : status }), '#text': text(trace ?? '') },
  }
}

function countsOf(scripts: readonly ScriptResult[]): Record<string, string> {
  const count = (kind: Kind) => String(scripts.filter((script) => kindOf(script) === kind).length)
  return {
    tests: String(scripts.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  }
}

function seconds(value: number | null): string {
  return (value ?? 0).toFixed(3)
}

/** One line each: a parser makes spaces of the breaks in an attribute. */
function attributes(values: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`@${name}`, text(value).replace(/[\t\r\n]+/g, ' ')]),
  )
}

/** Without what no XML document may hold. */
function text(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return value.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
}
