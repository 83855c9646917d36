import { ProgressPrinter } from '../../src/runs/progress-printer.js'
import type { Terminal } from '../../src/terminal.js'

const AT = '2026-11-26T03:00:00.000Z'
const full = (available: number) => ({ code: 'QUEUE_FULL', message: `${available} are free`, needed: 1, available })
const away = { code: 'MACHINE_OFFLINE', message: 'Machine m is not ready', needed: null, available: null }

function printer(asJson: boolean): { readonly printed: unknown[]; readonly watcher: ProgressPrinter } {
  const printed: unknown[] = []
  const say = (text: unknown) => printed.push(text)
  const terminal = { print: say, json: say, colour: (_: string, text: string) => text } as unknown as Terminal
  return { printed, watcher: new ProgressPrinter(terminal, asJson) }
}

test('what keeps a task is a line when it is another than before, however the amounts change', () => {
  const { printed, watcher } = printer(false)
  watcher.waits(new Map([['t', [full(0)]]]), AT)
  watcher.waits(new Map([['t', [full(-1)]]]), AT)
  watcher.waits(new Map([['t', [full(0), away]]]), AT)
  expect(printed.map((line) => String(line).replace(/^\S+ +/, ''))).toEqual([
    'WAITS            t: 0 are free',
    'WAITS            t: 0 are free; Machine m is not ready',
  ])
})

test('for programs it is a document of its own', () => {
  const { printed, watcher } = printer(true)
  watcher.waits(new Map([['t', [away]]]), AT)
  expect(printed).toEqual([{ kind: 'wait', at: AT, taskKey: 't', waitReasons: [away] }])
})
