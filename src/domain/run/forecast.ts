/** A task of a run, as far as its future goes; tasks are known by their place in the list, which is the order they start in. */
export interface ForecastTask {
  /** Places of those that it waits for. */
  readonly needs: readonly number[]
  /** Whether it takes a slot of a machine while it runs. */
  readonly takesSlot: boolean
  /** Seconds that it is expected to take in all; 0 or more. */
  readonly expected: number
  /** Seconds from now, so 0 or less; null: it has not started. */
  readonly startedAt: number | null
  /** The same; null: it has not ended. What was ended without a start has the same moment for both. */
  readonly endedAt: number | null
}

/** How many may be under way at a time. */
export interface ForecastLimits {
  readonly parallel: number
  /** Of those that take a slot. */
  readonly slots: number
}

/** What was, and what is to be expected of a task, in seconds from now. */
export interface ForecastTimes {
  readonly startsAt: number
  readonly endsAt: number
  /** The one whose end lets it start, where that is to come; null: it is past, or nothing is in its way. */
  readonly after: number | null
}

/**
 * Plays the rest of a run: what runs ends after the time expected of it (at once, when that has passed), what becomes ready
 * starts in order as soon as the limits allow (list scheduling: Graham 1969). Failures, retries and the work of other runs
 * are not in it. At least one may always run: a limit of 0 means that it waits for what cannot be foreseen. Throws where
 * the needs form a cycle.
 */
export function playOut(tasks: readonly ForecastTask[], limits: ForecastLimits): ForecastTimes[] {
  return new Play(tasks, limits).toTheEnd()
}

/** Seconds until the last of them ends; never negative, and 0 when nothing is left. */
export function secondsLeft(times: readonly ForecastTimes[]): number {
  return times.reduce((last, { endsAt }) => Math.max(last, endsAt), 0)
}

class Play {
  #now = 0
  /** Soonest end last, so that taking it is cheap. */
  readonly #running: number[] = []
  /** Ready, in order, by whether they take a slot; worked off from `head`. */
  readonly #onMachines = new Line()
  readonly #onServer = new Line()
  readonly #missing: number[]
  readonly #downstream: number[][]
  readonly #times: (ForecastTimes | undefined)[]
  #slotsTaken = 0

  constructor(
    private readonly tasks: readonly ForecastTask[],
    private readonly limits: ForecastLimits,
  ) {
    this.#missing = tasks.map(({ needs }) => needs.length)
    this.#downstream = tasks.map(() => [])
    this.#times = tasks.map(() => undefined)
    tasks.forEach(({ needs }, task) => {
      for (const need of needs) this.#downstream[need]?.push(task)
    })
  }

  toTheEnd(): ForecastTimes[] {
    this.tasks.forEach((task, at) => {
      this.#takeUp(task, at)
    })
    this.tasks.forEach(({ endedAt }, at) => {
      if (endedAt !== null) this.#release(at)
    })
    for (let ended: number | null = null; ; ) {
      this.#startWhatFits(ended)
      const next = this.#running.pop()
      if (next === undefined) break
      this.#now = Math.max(this.#now, this.#endOf(next))
      if (this.tasks[next]?.takesSlot) this.#slotsTaken -= 1
      this.#release(next)
      ended = next
    }
    return this.#times.map((times) => {
      if (times === undefined) throw new Error('The tasks form a cycle')
      return times
    })
  }

  /** What has ended, and what runs. */
  #takeUp({ needs, takesSlot, expected, startedAt, endedAt }: ForecastTask, at: number): void {
    if (endedAt !== null) {
      this.#times[at] = { startsAt: startedAt ?? endedAt, endsAt: endedAt, after: null }
    } else if (startedAt !== null) {
      this.#run(at, { startsAt: startedAt, endsAt: Math.max(0, startedAt + expected), after: null })
    } else if (needs.length === 0) (takesSlot ? this.#onMachines : this.#onServer).push(at)
  }

  #release(ended: number): void {
    for (const waiting of this.#downstream[ended] as number[]) {
      const left = (this.#missing[waiting] as number) - 1
      this.#missing[waiting] = left
      if (left > 0 || this.#times[waiting] !== undefined) continue
      const line = this.tasks[waiting]?.takesSlot ? this.#onMachines : this.#onServer
      line.push(waiting)
    }
  }

  #startWhatFits(ended: number | null): void {
    const { parallel, slots } = this.limits
    const hasRoom = () => this.#running.length < Math.max(1, parallel)
    while (hasRoom() && this.#onServer.length > 0) this.#start(this.#onServer.take(), ended)
    while (hasRoom() && this.#slotsTaken < Math.max(1, slots) && this.#onMachines.length > 0) {
      this.#start(this.#onMachines.take(), ended)
    }
  }

  #start(task: number, after: number | null): void {
    const { expected } = this.tasks[task] as ForecastTask
    this.#run(task, { startsAt: this.#now, endsAt: this.#now + expected, after })
  }

  #run(task: number, times: ForecastTimes): void {
    this.#times[task] = times
    if (this.tasks[task]?.takesSlot) this.#slotsTaken += 1
    let [low, high] = [0, this.#running.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#endOf(this.#running[middle] as number) > times.endsAt) low = middle + 1
      else high = middle
    }
    this.#running.splice(low, 0, task)
  }

  #endOf(task: number): number {
    return this.#times[task]?.endsAt ?? 0
  }
}

/** First come, first served. */
class Line {
  readonly #entries: number[] = []
  #head = 0

  get length(): number {
    return this.#entries.length - this.#head
  }

  push(task: number): void {
    this.#entries.push(task)
  }

  take(): number {
    const first = this.#entries[this.#head] as number
    this.#head += 1
    return first
  }
}
