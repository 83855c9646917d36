import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CommandLine } from './command-line.js'
import { measure, type RecordedWorkflow, readWorkflow } from './recorded-workflow.js'
import { getRun, listInstances, runEnd } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'
import { fixtures } from './workflow-fixtures.js'

/** Recorded workflows of the user's own (WfFormat 1.5), instead of the small ones made here. */
const FOLDER = process.env.DAGBOOK_TEST_WORKFLOWS ?? ''
const SCALE = 0.001
/** A workflow is measured again where the machine's other work was in the way, and for as long as that takes at most. */
const TRIES = FOLDER === '' ? 1 : 3
const PATIENCE_MS = 450_000
/** What other work on the machine may add to the bound. One task after the other would be eight bounds here. */
const BUSY = 2

let sandbox: Sandbox
let server: Server
let session: Session
let dagbook: CommandLine
let slots: number

beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = await sandbox.start()
  session = await Session.open(server)
  dagbook = new CommandLine(sandbox, server)
  await dagbook.signIn()
  const { machine, runs } = await session.ask('{ machine(name: "local") { slots } runs { nodes { id } } }')
  slots = machine.slots
  // The example of the first start would use slots.
  await runEnd(session, runs.nodes[0].id)
})

afterAll(async () => {
  await sandbox.close()
})

async function fileOf(name: string): Promise<string> {
  if (FOLDER !== '') return path.resolve(FOLDER, name)
  const folder = path.join(sandbox.folder, 'workflows')
  await mkdir(folder, { recursive: true })
  const text = fixtures().find((fixture) => fixture.name === name)?.text as string
  await writeFile(path.join(folder, `${name}.json`), text)
  return path.join(folder, `${name}.json`)
}

/** Runs it by the command line and answers the run's id and its makespan in seconds. */
async function run(dag: string): Promise<{ id: string; makespan: number }> {
  const { run: ended } = await dagbook.json(['run', 'start', `examples/${dag}`, '--wait'])
  const { startedAt, endedAt, status } = await getRun(session, ended.id)
  expect(status).toBe('SUCCEEDED')
  return { id: ended.id, makespan: (Date.parse(endedAt as string) - Date.parse(startedAt as string)) / 1_000 }
}

async function importAt(file: string, scale: number, name: string): Promise<string> {
  const { dag } = await dagbook.json(['import', 'wfformat', file, '--scale', String(scale), '--name', name])
  return dag.name
}

/** What began before something that it needs had ended. */
async function tooEarly(runId: string, { parents }: RecordedWorkflow): Promise<string[]> {
  const instances = await listInstances(session, runId)
  expect(instances.map(({ name }) => name).toSorted()).toEqual([...parents.keys()].toSorted())
  const byId = new Map(instances.map((instance) => [instance.name, instance]))
  return instances.flatMap(({ name, startedAt }) =>
    (parents.get(name) ?? []).flatMap((parent) => {
      const endedAt = byId.get(parent)?.endedAt as string
      return Date.parse(startedAt as string) < Date.parse(endedAt)
        ? [`${name} at ${startedAt} < ${parent} ${endedAt}`]
        : []
    }),
  )
}

/** Graham's bound for a scheduler that leaves no slot idle while work is ready: what the slots need, in seconds. */
function bounds(workflow: RecordedWorkflow): { atLeast: number; atMost: number } {
  const { sum, longest } = measure(workflow)
  const [work, path_] = [(sum * SCALE) / slots, longest * SCALE]
  return { atLeast: Math.max(work, path_), atMost: work + path_ * (1 - 1 / slots) }
}

const names =
  FOLDER === '' ? fixtures().map(({ name }) => name) : (await readdir(FOLDER)).filter((n) => n.endsWith('.json'))

it.each(names)(
  '%s runs to SUCCEEDED in its order, and no slot idles while work is ready',
  async (name) => {
    const file = await fileOf(name)
    const workflow = await readWorkflow(file)
    const { atLeast, atMost } = bounds(workflow)
    const stem = name.replace(/\W/g, '-')
    const [idle, scaled] = [await importAt(file, 0, `${stem}-0`), await importAt(file, SCALE, stem)]
    let best = Number.POSITIVE_INFINITY
    let tries = 0
    const begin = performance.now()
    const mayTry = () => tries === 0 || (tries < TRIES && performance.now() - begin < PATIENCE_MS)
    // Each pair is judged by itself: overhead and makespan of the same minute. Others may use the machine meanwhile.
    for (; best > BUSY && mayTry(); tries += 1) {
      const [unslept, slept] = [await run(idle), await run(scaled)]
      for (const { id } of [unslept, slept]) expect(await tooEarly(id, workflow)).toEqual([])
      const bound = atMost + unslept.makespan
      console.log(
        `${name}: ${workflow.parents.size} tasks, ${slots} slots: ${atLeast.toFixed(2)} <= ${slept.makespan.toFixed(2)} <= ${bound.toFixed(2)} s (${unslept.makespan.toFixed(2)} s at scale 0)`,
      )
      expect(slept.makespan).toBeGreaterThanOrEqual(atLeast)
      best = Math.min(best, slept.makespan / bound)
    }
    // Only where nothing else runs: beside other tests it is their work that is measured.
    if (FOLDER !== '') expect(best).toBeLessThanOrEqual(BUSY)
  },
  1_500_000,
)
