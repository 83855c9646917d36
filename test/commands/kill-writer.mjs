// A server process that writes in a loop, until it is killed: `node kill-writer.mjs <compiled sources> <url> <name> <from>`.
// Prints `ack <n> <position>` for every command that was acknowledged. Commands are numbered, and keyed by their number.
import { createHash } from 'node:crypto'
import path from 'node:path'

const [, , compiled, url, name, from] = process.argv
const load = (file) => import(path.join(compiled, 'src', file))
const { openDatabase } = await load('platform/database.js')
const { newId } = await load('platform/ids.js')
const { systemClock } = await load('platform/clock.js')
const { CommandBus } = await load('commands/command-bus.js')
const { Streams } = await load('commands/streams.js')
const { Plans } = await load('commands/plans.js')
const { Tail } = await load('history/tail.js')
const { silentLogger } = await load('platform/logger.js')

const how = { role: 'dagbook_app', applicationName: name, isPipelined: true, poolSize: 3 }
const database = await openDatabase({ url, ...how })
const reads = await openDatabase({ url, role: 'dagbook_app', applicationName: `${name}-reads` })
const tail = new Tail(reads, silentLogger)
const context = { clock: systemClock, random: Math.random, evaluate: () => true }
const bus = new CommandBus({ database, streams: new Streams(new Plans()), ...context }, (head) => tail.nudge(head))

let next = Number(from)

async function writeInALoop() {
  for (;;) {
    const number = next++
    const key = `${name}/${number}`
    const once = { key, bodyHash: createHash('sha256').update(key).digest() }
    const cause = { actor: 'system', correlationId: null, causationId: null }
    const command = { type: 'CreateProject', name: key, description: '', owner: null }
    const streamId = newId('project')
    const outcome = await bus.execute({ aggregate: 'project', command, id: newId('command'), streamId, ...cause, once })
    process.stdout.write(`ack ${number} ${outcome.position}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, writeInALoop))
