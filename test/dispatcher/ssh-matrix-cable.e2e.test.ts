import { jest } from '@jest/globals'
import { Cable, whyNoNamespaces } from '../helpers/cable.js'
import { sized } from '../helpers/long.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { unless } from '../helpers/unless.js'
import { type Fault, type Line, Matrix } from './ssh-matrix.js'

const ROUNDS = sized(20, 1)
jest.setTimeout(120_000 + ROUNDS * 60_000)

const withCables = unless(whyNoNamespaces())

class CableLine implements Line {
  constructor(
    readonly cable: Cable,
    readonly host: string,
    readonly port: number,
  ) {}

  hold(): void {
    this.cable.set('down')
  }

  release(): void {
    this.cable.set('up')
  }

  async close(): Promise<void> {
    this.cable.remove()
  }
}

const FAULTS: Record<string, Fault<CableLine>> = {
  'until contact is lost': {
    async strike(of) {
      for (const line of of.lines) line.hold()
      await of.allUnknown()
    },
    async heal(of) {
      for (const line of of.lines) line.release()
    },
  },
  'and the dispatcher is killed before they are in again': {
    async strike(of) {
      for (const line of of.lines) line.hold()
      await of.killDispatcher()
    },
    async heal(of) {
      await of.startDispatcher()
      for (const line of of.lines) line.release()
    },
  },
}

withCables.describe('hosts with networks of their own', () => {
  const cables: Cable[] = []
  let matrix: Matrix<CableLine>
  let round = 0

  beforeAll(async () => {
    const startHost: typeof startSshd = (options) => {
      const cable = Cable.plug()
      cables.push(cable)
      return startSshd({ ...options, address: cable.address, namespace: cable.namespace })
    }
    const lineTo = async ({ options }: Sshd) => {
      const cable = cables.find(({ address }) => address === options.host) as Cable
      return new CableLine(cable, options.host, options.port)
    }
    matrix = await Matrix.open(lineTo, startHost)
  })

  afterAll(() => matrix.close())

  it.each(Object.keys(FAULTS))(
    'whose cables are pulled out %s: at every stage one start, one end, every byte',
    async (name) => {
      for (let count = 0; count < ROUNDS; count += 1) await matrix.round(FAULTS[name] as Fault<CableLine>, round++)
    },
  )
})
