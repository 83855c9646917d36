import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import { Failure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { printable } from '../output/printable.js'
import type { Run } from '../runs/run.js'
import type { InstanceProgress, RunWatcher } from '../runs/run-watcher.js'
import type { Waits } from '../runs/waits.js'
import type { Terminal } from '../terminal.js'
import { Board } from './board.js'
import { ClockSkew } from './clock-skew.js'
import { frameLines } from './frame.js'
import { readRemaining } from './remaining.js'
import { freeSlots, readNeeds } from './surroundings.js'
import { usualDurations } from './usual-durations.js'

/** Durations go on without news. */
const REDRAW_EVERY_MS = 1_000
/** How often the server is asked for its forecast, where none can be made here. */
const ASK_EVERY_MS = 2_000
/** Many changes at once are one picture. */
const SETTLE_MS = 80

/** The run as a tree on the terminal, redrawn in place; what it needs beside the run's state it reads by itself. */
export class LiveTree implements RunWatcher {
  private readonly board = new Board()
  private readonly skew = new ClockSkew()
  private readonly log: ReturnType<typeof createLogUpdate>
  private readonly ticking: NodeJS.Timeout
  private readonly ended = new AbortController()
  private settling: NodeJS.Timeout | undefined
  private warning: string | undefined
  private isStarted = false

  constructor(
    private readonly terminal: Terminal,
    private readonly api: Api,
    private readonly signal: AbortSignal,
  ) {
    this.log = createLogUpdate(terminal.stdout)
    this.ticking = setInterval(() => this.draw(), REDRAW_EVERY_MS)
    terminal.stdout.on('resize', this.onResize)
  }

  state(run: Run): void {
    this.board.setRun(run)
    if (!this.isStarted) void this.lookAround(run)
    this.isStarted = true
    this.drawSoon()
  }

  instance(progress: InstanceProgress, at: string, isLive: boolean): void {
    if (isLive) this.skew.observe(at, Date.now())
    this.board.setInstance(progress)
    this.drawSoon()
  }

  run(status: string): void {
    this.board.setStatus(status)
    this.drawSoon()
  }

  waits(waits: Waits): void {
    this.board.setWaits(waits)
    this.drawSoon()
  }

  warn(message: string): void {
    this.warning = `Progress is not shown live: ${message}`
    this.drawSoon()
  }

  end(): void {
    this.ended.abort()
    clearInterval(this.ticking)
    clearTimeout(this.settling)
    this.terminal.stdout.off('resize', this.onResize)
    if (this.isStarted) this.draw()
    this.log.done()
  }

  private readonly onResize = (): void => {
    // What a narrower terminal has wrapped cannot be erased line by line.
    this.log.clear()
    this.drawSoon()
  }

  private async lookAround(run: Run): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.ended.signal])
    try {
      this.board.know(await readNeeds(this.api, run.id, signal))
      this.drawSoon()
      this.board.know({ freeSlots: await freeSlots(this.api, run.project.name, signal) })
      const none = { runs: 0, seconds: new Map<string, number>() }
      const usual = run.dag === null ? none : await usualDurations(this.api, run.dag.id, run.counts.total, signal)
      this.board.know({ usual })
      if (run.dag === null) await this.askOn(run, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Failure)) throw error
      this.warning = `No forecast: ${error.message}`
    }
    this.drawSoon()
  }

  /** A batch has no DAG whose runs could be looked at here: the server knows its scripts. */
  private async askOn({ id }: Run, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const remaining = await readRemaining(this.api, id, signal)
      this.board.setRemaining(remaining, this.skew.serverTime(Date.now()))
      this.drawSoon()
      await setTimeoutPromise(ASK_EVERY_MS, undefined, { signal })
    }
  }

  private drawSoon(): void {
    if (this.ended.signal.aborted) return
    this.settling ??= setTimeout(() => this.draw(), SETTLE_MS)
  }

  private draw(): void {
    clearTimeout(this.settling)
    this.settling = undefined
    const { columns = 80, rows = 24 } = this.terminal.stdout
    // The last column and the last line stay free, so that no terminal wraps or scrolls.
    const height = rows - (this.warning === undefined ? 1 : 2)
    const now = this.skew.serverTime(Date.now())
    const options = { width: columns - 1, height, now, colour: this.terminal.colour }
    const lines = frameLines(this.board, options)
    if (this.warning !== undefined) lines.push(printable(this.warning).slice(0, columns - 1))
    this.log(lines.join('\n'))
  }
}
