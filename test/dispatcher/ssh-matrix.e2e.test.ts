import { jest } from '@jest/globals'
import { sized } from '../helpers/long.js'
import type { Sshd } from '../helpers/sshd.js'
import { TcpProxy } from '../helpers/tcp-proxy.js'
import { until } from '../helpers/until.js'
import { type Fault, type Line, Matrix } from './ssh-matrix.js'

const ROUNDS = sized(20, 1)
jest.setTimeout(120_000 + ROUNDS * 60_000)

class ProxyLine implements Line {
  readonly host = '127.0.0.1'

  private constructor(readonly proxy: TcpProxy) {}

  static async to(sshd: Sshd): Promise<ProxyLine> {
    return new ProxyLine(await TcpProxy.open(`tcp://127.0.0.1:${sshd.port}`))
  }

  get port(): number {
    return this.proxy.port
  }

  hold(): void {
    this.proxy.hold()
  }

  release(): void {
    this.proxy.release()
  }

  close(): Promise<void> {
    return this.proxy.close()
  }
}

let matrix: Matrix<ProxyLine>
let round = 0

beforeAll(async () => {
  matrix = await Matrix.open(ProxyLine.to)
})

afterAll(() => matrix.close())

/** Until the dispatcher has noticed, on every line, that it needs another connection. */
class Reconnects {
  #before: readonly number[] = []

  remember({ lines }: Matrix<ProxyLine>): void {
    this.#before = lines.map(({ proxy }) => proxy.accepted)
  }

  async seen({ lines }: Matrix<ProxyLine>): Promise<void> {
    await until(
      'new connections',
      async () => lines.every(({ proxy }, at) => proxy.accepted > (this.#before[at] as number)),
      60_000,
    )
  }
}

const reconnects = new Reconnects()
const seen = (of: Matrix<ProxyLine>) => reconnects.seen(of)

let brokenBefore: readonly number[] = []
let lineCarries = 0

/** From the first byte on to somewhere in the second answer with output. */
const BYTES = [0, 1, 60, 700, 9_000, 200_000]
/** A line to an attempt whose output is collected already carries no more than that. */
const SURE_BYTES = 700

const FAULTS: Record<string, Fault<ProxyLine>> = {
  'is reset': {
    async strike(of) {
      reconnects.remember(of)
      for (const { proxy } of of.lines) proxy.reset()
    },
    heal: seen,
  },
  'is swallowed by the network until contact is lost, and what was on its way comes late': {
    async strike(of) {
      for (const { proxy } of of.lines) {
        proxy.hold()
        proxy.isRefusing = true
      }
      await of.allUnknown()
    },
    async heal(of) {
      for (const { proxy } of of.lines) {
        proxy.release()
        proxy.isRefusing = false
      }
    },
  },
  'is open on our side only': {
    async strike(of) {
      reconnects.remember(of)
      for (const { proxy } of of.lines) proxy.halfOpen()
    },
    heal: seen,
  },
  'is cut after some more bytes': {
    async strike(of, at) {
      brokenBefore = of.lines.map(({ proxy }) => proxy.broken)
      lineCarries = BYTES[at % BYTES.length] as number
      for (const { proxy } of of.lines) proxy.cutAfter(lineCarries)
    },
    heal: async () => {},
    async after(of) {
      const cut = of.lines.filter(({ proxy }, at) => proxy.broken > (brokenBefore[at] as number))
      expect(cut.length).toBeGreaterThanOrEqual(lineCarries <= SURE_BYTES ? of.lines.length : 1)
    },
  },
  'goes with its dispatcher, which is killed': {
    strike: (of) => of.killDispatcher(),
    heal: (of) => of.startDispatcher(),
  },
}

it.each(Object.keys(FAULTS))('when the connection %s: at every stage one start, one end, every byte', async (name) => {
  for (let count = 0; count < ROUNDS; count += 1) await matrix.round(FAULTS[name] as Fault<ProxyLine>, round++)
})
