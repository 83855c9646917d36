/** Workflows in WfFormat 1.5 with the shapes of recorded ones, small enough to run in seconds. */
export function fixtures(): { readonly name: string; readonly text: string }[] {
  return [
    { name: 'chain', text: wfFormat('chain', chain(5)) },
    { name: 'fork-join', text: wfFormat('fork-join', forkJoin(16)) },
    { name: 'levels', text: wfFormat('levels', levels([12, 16, 1, 8, 3])) },
  ]
}

interface Recorded {
  readonly id: string
  readonly parents: readonly string[]
  readonly seconds: number
}

/** Runtimes spread between 10 and 310 seconds, the same every time. */
function secondsOf(at: number): number {
  return 10 + ((at * 7919) % 301)
}

function chain(count: number): Recorded[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `step.${at}`,
    parents: at === 0 ? [] : [`step.${at - 1}`],
    seconds: secondsOf(at),
  }))
}

function forkJoin(width: number): Recorded[] {
  const forks = Array.from({ length: width }, (_, at) => ({
    id: `part ${at}`,
    parents: ['fork'],
    seconds: secondsOf(at),
  }))
  const join = { id: 'join', parents: forks.map(({ id }) => id), seconds: 30 }
  return [{ id: 'fork', parents: [], seconds: 20 }, ...forks, join]
}

/** Each task needs two of the level before. */
function levels(widths: readonly number[]): Recorded[] {
  return widths.flatMap((width, level) =>
    Array.from({ length: width }, (_, at) => {
      const before = widths[level - 1] ?? 0
      const parents = before === 0 ? [] : [at % before, (at * 5 + 3) % before].map((near) => `L${level - 1}_${near}`)
      return { id: `L${level}_${at}`, parents: [...new Set(parents)], seconds: secondsOf(level * 31 + at) }
    }),
  )
}

function wfFormat(name: string, tasks: readonly Recorded[]): string {
  const children = (id: string) => tasks.filter(({ parents }) => parents.includes(id)).map((task) => task.id)
  const specification = {
    tasks: tasks.map(({ id, parents }) => ({ name: id, id, parents, children: children(id) })),
    files: [],
  }
  const execution = {
    makespanInSeconds: 1,
    executedAt: '2026-01-01T00:00:00Z',
    tasks: tasks.map(({ id, seconds }) => ({ id, runtimeInSeconds: seconds, command: { program: 'work' } })),
    machines: [{ nodeName: 'recorded-1' }],
  }
  return JSON.stringify({ name, schemaVersion: '1.5', workflow: { specification, execution } })
}
