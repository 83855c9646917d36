import type { Command } from '../../src/commands/command.js'
import { command, noops, onceKey, type PublishedDag, publish, requestRun, type Server, World } from './world.js'

let world: World
let server: Server
let dag: PublishedDag

beforeAll(async () => {
  world = await World.open()
  server = await world.server()
  dag = await publish(server, noops(2))
})

afterAll(() => world.close())

const enable = (isEnabled: boolean, more: Partial<Command>): Command =>
  command({ aggregate: 'dag', command: { type: 'SetDagEnabled', isEnabled } }, dag.dagId, more)

async function exists({ streamId }: Command): Promise<boolean> {
  return (await world.query('SELECT FROM run WHERE id = $1', [streamId])).length === 1
}

it('what a command brings along happens with it, at once, and its repeat gets the first answer', async () => {
  const also = [requestRun(dag), requestRun(dag)]
  const once = onceKey('off')
  const outcome = await server.bus.execute(enable(false, { also, once }))
  expect(await Promise.all(also.map(exists))).toEqual([true, true])
  const [last] = await world.query<{ position: number }>('SELECT max(position)::integer AS position FROM event')
  expect(outcome).toMatchObject({ streamId: dag.dagId, position: last?.position })
  const later = [requestRun(dag)]
  expect(await server.bus.execute(enable(false, { also: later, once }))).toEqual(outcome)
  expect(await exists(later[0] as Command)).toBe(false)
})

it('where the command does nothing, or is refused, nothing follows on it', async () => {
  const quiet = [requestRun(dag)]
  expect(await server.bus.execute(enable(false, { also: quiet }))).toMatchObject({ position: null })
  const refused = [requestRun(dag)]
  const missing = { ...enable(true, { also: refused }), streamId: 'dag_00000000000000000000000000' }
  expect(await server.bus.execute(missing)).toHaveProperty('rejections')
  expect([await exists(quiet[0] as Command), await exists(refused[0] as Command)]).toEqual([false, false])
})

it('if one of them is refused, nothing of it all has happened', async () => {
  const good = requestRun(dag)
  const there = requestRun(dag)
  await server.bus.execute(there)
  await expect(server.bus.execute(enable(true, { also: [good, there] }))).rejects.toThrow('must not be refused')
  expect(await exists(good)).toBe(false)
  expect(await world.query('SELECT is_enabled FROM dag WHERE id = $1', [dag.dagId])).toEqual([{ is_enabled: false }])
  expect(await server.bus.execute(enable(true, { also: [good] }))).not.toMatchObject({ position: null })
  expect(await exists(good)).toBe(true)
})
