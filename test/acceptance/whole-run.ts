import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expectedOutput, montage, type Shape } from './generated-dag.js'
import { readWorkflow, shapeOf } from './recorded-workflow.js'
import { type EventFacts, type InstanceFacts, listEvents, listInstances } from './runs.js'
import type { Sandbox } from './sandbox.js'
import { CHECKOUT } from './server.js'
import type { Session } from './session.js'

const WORKFLOWS = process.env.DAGBOOK_TEST_WORKFLOWS ?? ''

/** The recorded montage (2,122 tasks) where it is at hand; else its shape, `width` wide. */
export async function chooseShape(width: number): Promise<Shape> {
  if (WORKFLOWS === '') return montage(width)
  return shapeOf(await readWorkflow(path.resolve(WORKFLOWS, 'montage-chameleon-dss-15d-001.json')))
}

/**
 * Every task of the run began and ended once and after what it needs, by the recorder's lines; its status, its output
 * byte by byte and the journal say the same; and the tables are what a replay of the journal makes.
 */
export async function expectWhole(session: Session, sandbox: Sandbox, run: string, shape: Shape, lines: string[]) {
  expect(wrongLines(lines, shape)).toEqual([])
  const instances = await listInstances(session, run)
  expect(instances.map(({ taskKey, status }) => `${taskKey} ${status}`).toSorted()).toEqual(
    [...shape.needs.keys()].map((key) => `${key} SUCCEEDED`).toSorted(),
  )
  expect(await wrongOutputs(session, instances, shape)).toEqual([])

  expect(holes(await listEvents(session))).toEqual([])
  const ends = await listEvents(session, { runId: run, types: ['InstanceSucceeded', 'RunSucceeded'] })
  expect(ends).toHaveLength(shape.needs.size + 1)

  expectReplayed(sandbox)
}

/** The tables are what a replay of the journal makes. */
export function expectReplayed({ dataDir }: Sandbox): void {
  const env = { PATH: process.env.PATH ?? '', DAGBOOK_DATA_DIR: dataDir }
  const rebuild = path.join(CHECKOUT, 'dist/src/operations/rebuild-main.js')
  const check = spawnSync(process.execPath, [rebuild, '--check'], { cwd: CHECKOUT, env, encoding: 'utf8' })
  expect(check).toMatchObject({ status: 0, stdout: expect.stringContaining('All equal') })
}

/** Lines that break the order, or come twice, or never. */
function wrongLines(lines: readonly string[], { needs }: Shape): string[] {
  const place = new Map(lines.map((line, at) => [line, at]))
  const wrong = lines.filter((line, at) => place.get(line) !== at)
  for (const [key, before] of needs) {
    const begin = place.get(`begin ${key}`) ?? -1
    if (begin < 0 || (place.get(`end ${key}`) ?? -1) < begin) wrong.push(`${key} did not begin and end`)
    for (const parent of before) {
      if ((place.get(`end ${parent}`) ?? Number.POSITIVE_INFINITY) > begin) wrong.push(`${key} began before ${parent}`)
    }
  }
  return wrong
}

/** Holes in the positions of all events and in the versions of each stream. */
function holes(events: readonly EventFacts[]): string[] {
  const versions = new Map<string, number>()
  return events.flatMap(({ position, streamId, version }, at) => {
    const expected = (versions.get(streamId) ?? 0) + 1
    versions.set(streamId, version)
    return Number(position) === at + 1 && version === expected ? [] : [`${position} ${streamId} ${version}`]
  })
}

async function wrongOutputs(session: Session, instances: readonly InstanceFacts[], { needs }: Shape) {
  const places = new Map([...needs.keys()].map((key, at) => [key, at]))
  const wrong: string[] = []
  for (const { id, taskKey, attempts } of instances) {
    const expected = expectedOutput(taskKey, places.get(taskKey) as number)
    const last = attempts.at(-1)?.number ?? 0
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = await session.raw(id, last, stream)
      if (text !== expected[stream])
        wrong.push(
          `${taskKey} ${stream} of attempt ${last}: ${text.length} characters ${JSON.stringify(text.slice(0, 300))}`,
        )
    }
  }
  return wrong
}
