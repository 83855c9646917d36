/** A task of a run that has not ended, in topological order among its like. */
export interface TaskToDo {
  readonly key: string
  /** Those that have not ended either. */
  readonly needs: readonly string[]
  /** Seconds since it was started; null: it was not. */
  readonly elapsed: number | null
  /** Seconds that it usually takes; undefined: it never succeeded before. */
  readonly usual: number | undefined
  /** False: it runs on the server and takes no machine's slot. */
  readonly takesSlot: boolean
}

/** How many may run at a time. */
export interface Limits {
  readonly parallel: number
  readonly slots: number
}

export interface Forecast {
  /** Seconds until the last one ends. Tasks of unknown length are taken as 0: it lasts at least so long. */
  readonly seconds: number
  readonly unknown: number
  /** Running for longer than usual; they are taken to end now. */
  readonly overdue: number
}

/**
 * Plays the rest of the run: what runs ends after its usual time, what becomes ready starts in order as soon as the limits
 * allow. Without limits that is the critical path. Failures, retries and waiting for other runs are not in it.
 */
export function forecast(tasks: readonly TaskToDo[], limits: Limits): Forecast {
  const play = new Play(tasks, limits)
  return {
    seconds: play.toTheEnd(),
    unknown: tasks.filter(({ usual }) => usual === undefined).length,
    overdue: tasks.filter(({ elapsed, usual }) => elapsed !== null && usual !== undefined && elapsed > usual).length,
  }
}

interface Running {
  readonly task: TaskToDo
  readonly endsAt: number
}

class Play {
  private now = 0
  /** Soonest end last, so that taking it is cheap. */
  private readonly running: Running[] = []
  private readonly onMachines: TaskToDo[] = []
  private readonly onServer: TaskToDo[] = []
  private readonly missing = new Map<string, number>()
  private readonly after = new Map<string, TaskToDo[]>()
  private slotsTaken = 0

  constructor(
    tasks: readonly TaskToDo[],
    private readonly limits: Limits,
  ) {
    for (const task of tasks) {
      for (const need of task.needs) {
        const waiting = this.after.get(need)
        if (waiting === undefined) this.after.set(need, [task])
        else waiting.push(task)
      }
      this.missing.set(task.key, task.needs.length)
      if (task.elapsed !== null) this.run(task, Math.max(0, (task.usual ?? 0) - task.elapsed))
      else if (task.needs.length === 0) this.queueOf(task).push(task)
    }
  }

  toTheEnd(): number {
    for (;;) {
      this.startWhatFits()
      const next = this.running.pop()
      if (next === undefined) return this.now
      this.now = next.endsAt
      if (next.task.takesSlot) this.slotsTaken -= 1
      for (const waiting of this.after.get(next.task.key) ?? []) this.release(waiting)
    }
  }

  private release(task: TaskToDo): void {
    const missing = (this.missing.get(task.key) ?? 0) - 1
    this.missing.set(task.key, missing)
    if (missing === 0 && task.elapsed === null) this.queueOf(task).push(task)
  }

  /** At least one may always run: a limit of 0 means that it waits for something that cannot be foreseen. */
  private startWhatFits(): void {
    const { parallel, slots } = this.limits
    const hasRoom = (): boolean => this.running.length < Math.max(1, parallel)
    while (hasRoom() && this.onServer.length > 0) this.start(this.onServer)
    while (hasRoom() && this.slotsTaken < Math.max(1, slots) && this.onMachines.length > 0) this.start(this.onMachines)
  }

  private start(queue: TaskToDo[]): void {
    const task = queue.shift()
    if (task !== undefined) this.run(task, task.usual ?? 0)
  }

  private run(task: TaskToDo, seconds: number): void {
    const endsAt = this.now + seconds
    if (task.takesSlot) this.slotsTaken += 1
    let [low, high] = [0, this.running.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.running[middle]?.endsAt ?? 0) > endsAt) low = middle + 1
      else high = middle
    }
    this.running.splice(low, 0, { task, endsAt })
  }

  private queueOf(task: TaskToDo): TaskToDo[] {
    return task.takesSlot ? this.onMachines : this.onServer
  }
}
