import { PassThrough } from 'node:stream'
import { runCommand } from '../../src/run-command.js'
import { processTerminal } from '../../src/terminal.js'
import type { Fake } from '../helpers/fake-journal.js'
import { person, server, signedIn } from '../helpers/signed-in.js'
import { until } from '../helpers/until.js'

signedIn('test')

/** A terminal of 80 x 24 that remembers what was written, without colours. */
class Screen {
  text = ''
  private readonly stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  private readonly stderr = new PassThrough()
  private readonly ending = new AbortController()
  readonly code: Promise<number>

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    for (const stream of [this.stdout, this.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk
      })
    }
    const whole = { ...person.env, NO_COLOR: '1', ...env }
    const streams = { stdin: new PassThrough(), stdout: this.stdout, stderr: this.stderr, env: whole }
    const terminal = processTerminal(streams as unknown as NodeJS.Process)
    this.code = runCommand(['node', 'dagbook', ...args], { env: whole, terminal, signal: this.ending.signal }, '0.0.0')
  }

  async shows(text: string): Promise<void> {
    await until(() => expect(this.text).toContain(text), 60_000)
  }

  interrupts(): void {
    this.ending.abort()
  }
}

const run = (): Fake => [...server.work.runs.values()].at(-1) as Fake
const instance = (at: number): Fake => server.work.instanceOf(String(run().id), at)

test('a run on a terminal is a tree that is redrawn, with a forecast from the run before it', async () => {
  server.work.onTriggered = (started) => {
    for (const each of started.allInstances as Fake[]) Object.assign(each, { status: 'SUCCEEDED', durationSeconds: 90 })
    server.work.setRun(started, 'SUCCEEDED', 'RunSucceeded')
  }
  await person.enters(['run', 'start', 'examples/hello'])
  server.work.onTriggered = () => undefined
  const screen = new Screen(['run', 'start', 'examples/hello', '--watch'])
  await screen.shows('└─ · b  after a')
  await screen.shows('Forecast: about 3m00s left, as in the last run')
  await until(() => expect(server.subscriptions).toHaveLength(2))
  server.work.setInstance(instance(0), 'FAILED', 'InstanceFailed')
  await screen.shows('✖ a')
  server.work.setInstance(instance(1), 'UPSTREAM_FAILED', 'InstanceUpstreamFailed')
  server.work.setRun(run(), 'FAILED', 'RunFailed')
  expect(await screen.code).toBe(1)
  expect(screen.text).toContain('2 of 2: 2 failed')
  expect(screen.text).toContain('Next: dagbook logs run_2 a\n')
})

test('run watch joins a run that goes on; Ctrl-C leaves the run alone', async () => {
  await person.enters(['run', 'start', 'examples/hello'])
  const screen = new Screen(['run', 'watch', 'examples/hello'])
  await screen.shows('No forecast: no earlier run of this DAG succeeded.')
  screen.interrupts()
  expect(await screen.code).toBe(130)
  expect(screen.text.trimEnd()).toMatch(/The run goes on. Next: dagbook run watch run_1$/)
})

test('NO_COLOR has no colours; a terminal that cannot move its cursor gets lines', async () => {
  server.work.onTriggered = (started) => server.work.setRun(started, 'SUCCEEDED', 'RunSucceeded')
  const drawn = new Screen(['run', 'start', 'examples/hello', '--watch'])
  await drawn.code
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour.
  expect(drawn.text).not.toMatch(/\u001b\[[0-9;]*m/)
  const dumb = new Screen(['run', 'start', 'examples/hello', '--watch'], { TERM: 'dumb' })
  expect(await dumb.code).toBe(0)
  expect(dumb.text).not.toContain('\u001b')
  expect(dumb.text).toMatch(/^\S+ {2}SUCCEEDED +run\n/)
})

test('run watch of an ended run shows it and has its exit code', async () => {
  server.work.onTriggered = (started) => server.work.setRun(started, 'CANCELED', 'RunCanceled')
  await person.enters(['run', 'start', 'examples/hello'])
  const { code, stdout } = await person.enters(['run', 'watch', 'run_1', '--json'])
  const kinds = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind)
  expect([code, kinds]).toEqual([1, ['run', 'result']])
  expect(await person.enters(['run', 'watch', 'run_9'])).toMatchObject({ code: 5 })
})
