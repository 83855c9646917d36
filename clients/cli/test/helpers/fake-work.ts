import { GraphQLError } from 'graphql'
import { type Fake, type FakeJournal, matches } from './fake-journal.js'
import { fakeDag, fakeInstance, fakeRun, PROJECT, page } from './fake-shapes.js'

interface Input {
  readonly input: Record<string, unknown>
}

interface Filtered {
  readonly filter?: { readonly statuses?: readonly string[] }
}

/** Project `examples` with the DAG `hello`, its runs, instances and output; a test moves them on. */
export class FakeWork {
  readonly runs = new Map<string, Fake>()
  readonly logs = new Map<string, { entries: Fake[]; isComplete: boolean }>()
  /** Begin each run with these changes; a test may end it later. */
  onTriggered: (run: Fake) => void = () => undefined

  /** Ends a batch, or changes it. */
  onBatch: (run: Fake) => void = () => undefined

  constructor(private readonly journal: FakeJournal) {}

  instanceOf(runId: string, at: number): Fake {
    const run = this.runs.get(runId) as Fake
    return (run.allInstances as Fake[])[at] as Fake
  }

  setRun(run: Fake, status: string, type: string): void {
    run.status = status
    this.journal.append(type, run)
  }

  setInstance(instance: Fake, status: string, type: string): void {
    instance.status = status
    this.journal.append(type, instance.run as Fake, instance)
  }

  write(instanceId: string, text: string, isComplete = false): void {
    const log = this.logs.get(instanceId) ?? { entries: [], isComplete: false }
    const last = log.entries.at(-1)
    const offset = last === undefined ? 0 : Number(last.offset) + String(last.text).length
    if (text !== '') log.entries.push({ offset: String(offset), stream: 'STDOUT', text, recordedAt: this.journal.head })
    log.isComplete = isComplete
    this.logs.set(instanceId, log)
    this.journal.poke()
  }

  root(): Record<string, unknown> {
    const dag = fakeDag([...this.runs.values()].at(-1) ?? null)
    return {
      project: ({ name }: { name: string }) => (name === PROJECT.name ? PROJECT : null),
      projects: () => page([PROJECT]),
      dags: () => page([dag]),
      dag: ({ project, name }: Fake) => (project === PROJECT.name && name === dag.name ? dag : null),
      run: ({ id }: { id: string }) => this.runs.get(id) ?? null,
      runs: ({ filter }: Filtered) => {
        const statuses = filter?.statuses
        const runs = [...this.runs.values()].filter(({ status }) => statuses?.includes(String(status)) ?? true)
        return page(runs.reverse())
      },
      instance: ({ id }: { id: string }) => this.instance(id),
      events: (args: Fake) => this.listEvents(args),
      createProject: ({ input }: Input) => ({ project: { ...PROJECT, ...input }, userErrors: [] }),
      triggerRun: ({ input }: Input) => this.trigger(input),
      runTask: ({ input }: Input) => this.runTask(input),
      runBatch: ({ input }: Input) => this.runBatch(input),
      rerun: ({ input }: Input) => this.trigger({ trigger: 'RERUN', tags: input.taskKeys ?? [] }),
      pauseRun: ({ input }: Input) => this.steer(input, 'PAUSED'),
      resumeRun: ({ input }: Input) => this.steer(input, 'RUNNING'),
      cancelRun: ({ input }: Input) => this.steer(input, 'CANCELING'),
      setRunPriority: ({ input }: Input) => this.steer(input, 'RUNNING'),
    }
  }

  /** The entries of an instance's output from an offset on; null: all. */
  entriesFrom(instanceId: string, after: string | null): Fake[] {
    return (this.logs.get(instanceId)?.entries ?? []).filter((entry) => Number(entry.offset) >= Number(after ?? 0))
  }

  private instance(id: string): Fake | null {
    const instances = [...this.runs.values()].flatMap((run) => run.allInstances as Fake[])
    const found = instances.find((instance) => instance.id === id)
    if (found === undefined) return null
    const log = ({ afterOffset }: Fake): Fake => {
      // Two entries a slice, so that a client has to page.
      const entries = this.entriesFrom(id, afterOffset as string | null).slice(0, 2)
      const last = entries.at(-1)
      const endOffset =
        last === undefined ? (afterOffset ?? '0') : String(Number(last.offset) + String(last.text).length)
      return { entries, endOffset, isComplete: this.logs.get(id)?.isComplete ?? false, isTruncated: false }
    }
    return { ...found, log }
  }

  private listEvents({ filter, last, before }: Fake): Fake {
    const end = before == null ? this.journal.events.length : Number(before)
    const all = this.journal.events.slice(0, end).filter((event) => matches(event, filter as { runId?: string }))
    // A page is at most 3, so that a client has to page.
    const nodes = all.slice(-Math.min(Number(last), 3))
    const startCursor = nodes[0] === undefined ? null : String(Number(nodes[0].position) - 1)
    return {
      nodes,
      pageInfo: { hasNextPage: false, endCursor: null, hasPreviousPage: nodes.length < all.length, startCursor },
    }
  }

  private runTask(input: Record<string, unknown>): Fake {
    const noDag = { kind: 'TASK', dag: null, dagVersion: null }
    return this.trigger({ ...input, ...noDag, tags: input.tags ?? [] })
  }

  private runBatch(input: Record<string, unknown>): Fake {
    const answer = this.trigger({ ...input, kind: 'BATCH', dag: null, dagVersion: null })
    const scripts = input.scripts as { path: string; module?: string }[]
    const run = answer.run as Fake
    run.allInstances = scripts.map(({ path, module }, at) => {
      const script = { path, name: path, module: module ?? 'suite' }
      return { ...fakeInstance(run, `s${at + 1}`, at + 1), name: path, script }
    })
    this.onBatch(run)
    return answer
  }

  private trigger(input: Record<string, unknown>): Fake {
    const run = fakeRun(`run_${this.runs.size + 1}`, input)
    run.allInstances = ['a', 'b'].map((key, at) => fakeInstance(run, key, at + 1))
    this.runs.set(String(run.id), run)
    const { position } = this.journal.append('RunRequested', run)
    this.onTriggered(run)
    return { run, userErrors: [], position }
  }

  private steer(input: Record<string, unknown>, status: string): Fake {
    const run = this.runs.get(String(input.runId))
    if (run === undefined) throw new GraphQLError('Run: does not exist', { extensions: { code: 'NOT_FOUND' } })
    if (run.status === 'SUCCEEDED') {
      return { userErrors: [{ message: 'The run has ended', code: 'NOT_ALLOWED_IN_STATE', path: ['runId'] }] }
    }
    run.status = status
    return { run, userErrors: [] }
  }
}
