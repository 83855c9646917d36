import { printable } from '../output/printable.js'
import { statusColour } from '../output/status-colour.js'
import { timeOfDay } from '../output/time.js'
import type { Terminal } from '../terminal.js'
import { hasEnded } from './run.js'
import { hasInstanceEnded, type InstanceProgress, type RunWatcher } from './run-watcher.js'
import { type Waits, waitText } from './waits.js'

/** Prints one line for each change of status, for people or as NDJSON; the same status of the same task only once in a row. */
export class ProgressPrinter implements RunWatcher {
  private readonly statuses = new Map<string, string>()
  private readonly waitCodes = new Map<string, string>()
  private runStatus = ''

  constructor(
    private readonly terminal: Terminal,
    private readonly asJson: boolean,
  ) {}

  state(): void {
    // Each change is a line of its own.
  }

  instance({ taskKey, status, exitCode, errorMessage }: InstanceProgress, at: string): void {
    const last = this.statuses.get(taskKey) ?? 'PENDING'
    // A line that comes after an end was overtaken on the way.
    if (last === status || hasInstanceEnded(last)) return
    this.statuses.set(taskKey, status)
    if (this.asJson) {
      this.terminal.json({ kind: 'instance', at, taskKey, status, exitCode, errorMessage })
      return
    }
    const exit = exitCode === null || exitCode === 0 ? '' : ` (exit code ${exitCode})`
    const why = errorMessage === null ? '' : `: ${errorMessage}`
    this.line(at, status, `${taskKey}${exit}${why}`)
  }

  run(status: string, at: string): void {
    if (this.runStatus === status || hasEnded(this.runStatus)) return
    this.runStatus = status
    if (this.asJson) this.terminal.json({ kind: 'run', at, status })
    else this.line(at, status, 'run')
  }

  /** Each reason of a task once in a row: amounts change all the time. */
  waits(waits: Waits, at: string): void {
    for (const [taskKey, reasons] of waits) {
      const codes = reasons.map(({ code }) => code).join(' ')
      if (this.waitCodes.get(taskKey) === codes || hasInstanceEnded(this.statuses.get(taskKey) ?? '')) continue
      this.waitCodes.set(taskKey, codes)
      if (this.asJson) this.terminal.json({ kind: 'wait', at, taskKey, waitReasons: reasons })
      else this.line(at, 'WAITS', `${taskKey}: ${waitText(reasons)}`)
    }
  }

  warn(message: string): void {
    this.terminal.note(`Progress is not shown live: ${message}`)
  }

  end(): void {
    if (!this.asJson) this.terminal.print('')
  }

  private line(at: string, status: string, text: string): void {
    const { terminal } = this
    const painted = terminal.colour(statusColour(status), status.padEnd(15))
    terminal.print(`${terminal.colour('gray', timeOfDay(at))}  ${painted}  ${printable(text)}`)
  }
}
