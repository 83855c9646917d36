import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { Clock } from '../../src/platform/clock.js'
import { silentLogger } from '../../src/platform/logger.js'
import { Addresses } from '../../src/reactors/addresses.js'
import type { Mailer } from '../../src/reactors/mailer.js'
import { SlaReactor } from '../../src/reactors/sla-reactor.js'
import { SlaClock } from '../../src/scheduler/sla-clock.js'
import { drive, send } from '../helpers/drive.js'
import { type Flow, openFlow } from '../helpers/flow.js'

/** A DAG of two tasks, one after the other. */
export const SLOW = 'name: slow\ntasks: { a: { noop: {} }, b: { noop: {}, needs: [a] } }'

/** Conditions: the fact is greater. */
export const over = (fact: string, value: number, params?: object) => ({
  all: [{ fact, operator: 'greaterThan', value, ...(params === undefined ? {} : { params }) }],
})
export const is = (status: string) => ({ all: [{ fact: 'runStatus', operator: 'equal', value: status }] })

/** A clock that tests set forward. */
export class SetClock implements Clock {
  aheadMs = 0
  now(): Date {
    return new Date(Date.now() + this.aheadMs)
  }
}

/** The API with the parts that watch SLAs and act on them, none of them started. */
export interface SlaStage extends Flow {
  readonly time: SetClock
  readonly slaClock: SlaClock
  /** Another server's, which may reach what is on this host. */
  reactor(mailer?: Mailer | null, retryDelaysMs?: readonly number[]): SlaReactor
  /** A run whose first task has started and goes on. */
  going(dagId: string): Promise<string>
  /** Its first task, which goes on, fails, and the run with it. */
  fail(runId: string): Promise<void>
  /** One round of the clock, and everything that it leads to. */
  round(reactor?: SlaReactor): Promise<void>
  /** Makes an SLA; answers its id. */
  sla(input: object): Promise<string>
  /** The breaches, oldest first. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  breaches(): Promise<any[]>
}

export async function openSlaStage(): Promise<SlaStage> {
  const flow = await openFlow()
  const time = new SetClock()
  const { database, bus, tail, plans, encryption } = flow.services
  const common = { database, bus, clock: time, logger: silentLogger }
  const addresses = new Addresses(['127.0.0.0/8'])
  const slaClock = new SlaClock(common)
  const reactor: SlaStage['reactor'] = (mailer = null, retryDelaysMs = [0, 0, 0]) =>
    new SlaReactor({ ...common, tail, plans, encryption, addresses, mailer, retryDelaysMs })
  return {
    ...flow,
    time,
    slaClock,
    reactor,
    async going(dagId) {
      const runId = await flow.trigger(dagId)
      await drive(bus, () => ({ outcome: null }))
      return runId
    },
    async fail(runId) {
      const text = 'SELECT fence FROM queue_hold WHERE run_id = $1'
      const [hold] = await database.query<{ fence: number }>(text, [runId])
      const result = { exitCode: 1, errorMessage: 'said so', cpuSeconds: null }
      const end = { type: 'ReportEnded', task: 'a', fence: hold?.fence ?? 0, outcome: 'FAILED' } as const
      await send(bus, runId, { ...end, result, output: null })
    },
    async round(by = reactor()) {
      await slaClock.runOnce()
      while (await by.runOnce());
      await by.settled()
    },
    async sla(input) {
      const payload = await flow.change('createSla', 'CreateSlaInput', input, 'sla { id }')
      if (payload.sla === null) throw new Error(JSON.stringify(payload))
      return payload.sla.id
    },
    async breaches() {
      const fields = 'id facts resolvedAt actionsTaken sla { name } run { id } instance { id }'
      const { slaBreaches } = await flow.get(`{ slaBreaches(first: 100) { totalCount nodes { ${fields} } } }`)
      return slaBreaches.nodes.reverse()
    },
  }
}

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks that answers with these codes in turn, the last one from then on. */
export async function openReceiver(...codes: readonly number[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const code = codes[Math.min(received.length, codes.length - 1)] ?? 204
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(code).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // A test that fails before it closes this does not hang.
  server.unref()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return { url, received, close: () => new Promise((done) => server.close(done)) }
}

/** An SMTP server that takes everything. */
export async function openMailbox() {
  const letters: { readonly to: string[]; readonly text: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        letters.push({ to, text: Buffer.concat(chunks).toString() })
        callback()
      })
    },
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  server.server.unref()
  const url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  return { url, letters, close: () => new Promise<void>((done) => server.close(() => done())) }
}
