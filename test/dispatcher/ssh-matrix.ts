import { createHash } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { RunId } from '../../src/domain/ids.js'
import { compileSources } from '../helpers/compile.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { StageGates } from '../helpers/stage-gates.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { type OtherDispatcher, startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

/**
 * Where an attempt is when the fault strikes, and at which gates of the host it is held there, in turn: nobody guesses by
 * the clock.
 *
 *   before      claimed; the host has heard nothing of it
 *   sent        the host works on the start, and has not answered
 *   running     it has printed a half, and waits for the test
 *   exiting     the command has ended; its end is not written down, or nobody was told
 *   collecting  a part of its output is stored, the next is asked for
 */
const GATES = {
  before: [],
  sent: ['begin', 'made', 'compared', 'recorded'],
  running: [],
  exiting: ['ended', 'reported'],
  collecting: ['collecting'],
} as const

type Stage = keyof typeof GATES

const STAGES = Object.keys(GATES) as Stage[]

/** The network between the dispatcher and one host. */
export interface Line {
  readonly host: string
  readonly port: number
  /** Nothing gets through until it is released. */
  hold(): void
  release(): void
  close(): Promise<void>
}

/** One host, whose attempts are struck at one stage. */
export interface Cell<Of extends Line = Line> {
  readonly stage: Stage
  readonly line: Of
}

export interface Fault<Of extends Line> {
  strike(matrix: Matrix<Of>, round: number): Promise<void>
  /** After it the hosts can be reached again, by whoever dispatches then. */
  heal(matrix: Matrix<Of>): Promise<void>
  /** Once all attempts have ended: that it did strike. */
  after?(matrix: Matrix<Of>): Promise<void>
}

interface Place<Of extends Line> extends Cell<Of> {
  readonly sshd: Sshd
  readonly gates: StageGates
  readonly login: Awaited<ReturnType<typeof plainLogin>>
}

/** Lines of each half of an attempt's output: 350 KB, so that it takes several questions to collect. */
const LINES = 12_000

/** Five hosts, a dispatcher in a process of its own, and rounds in which a fault strikes five attempts, one at each stage. */
export class Matrix<Of extends Line> {
  #dispatcher: OtherDispatcher | null = null

  private constructor(
    readonly scene: Scene,
    private readonly server: Wiring,
    private readonly compiled: string,
    private readonly places: readonly Place<Of>[],
  ) {}

  /** `startHost` starts a host's sshd, and `lineTo` makes the network to it. */
  static async open<Of extends Line>(
    lineTo: (sshd: Sshd) => Promise<Of>,
    startHost: typeof startSshd = startSshd,
  ): Promise<Matrix<Of>> {
    const scene = await Scene.open()
    await chmod(scene.dir, 0o777)
    const compiled = await compileSources(path.join(scene.dir, 'compiled'))
    const server = await scene.server()
    const places: Place<Of>[] = []
    const matrix = new Matrix(scene, server, compiled, places)
    for (const stage of STAGES) {
      const gates = await StageGates.make(path.join(scene.dir, `gates-${stage}`))
      const login = await plainLogin()
      const sshd = await startHost({ login: login.name, config: gates.config })
      const line = await lineTo(sshd)
      places.push({ stage, line, sshd, gates, login })
      const options = { ...sshd.options, host: line.host, port: line.port }
      await registerSsh(server.bus, server.reads, stage, { ...sshd, options })
    }
    await matrix.startDispatcher()
    return matrix
  }

  async close(): Promise<void> {
    await this.killDispatcher()
    await this.scene.close()
    for (const { line, sshd, login } of this.places) {
      await line.close()
      await sshd.stop()
      await login.remove()
    }
  }

  get lines(): readonly Of[] {
    return this.places.map(({ line }) => line)
  }

  async startDispatcher(): Promise<void> {
    const { db, spoolDir, dir } = this.scene
    this.#dispatcher = await startOther(this.compiled, { url: db.url, spoolDir, directory: dir })
  }

  /** Ends it by SIGKILL; for others it is gone. */
  async killDispatcher(): Promise<void> {
    const dispatcher = this.#dispatcher
    this.#dispatcher = null
    await dispatcher?.kill()
    if (dispatcher !== null) await this.scene.expire(dispatcher.node)
  }

  /** Once contact with every attempt is lost, and the journal says so. */
  async allUnknown(): Promise<void> {
    await until(
      'every attempt to be UNKNOWN',
      async () => {
        const rows = await this.scene.db.owner.query(
          "SELECT count(*)::integer AS n FROM instance WHERE status = 'UNKNOWN'",
        )
        return rows[0]?.n === STAGES.length
      },
      60_000,
    )
  }

  /** One attempt at each stage, the fault, and the truth about all of them. */
  async round(fault: Fault<Of>, round: number): Promise<void> {
    await this.#warmUp(STAGES)
    const runs = await this.#bringToStages(round)
    await fault.strike(this, round)
    const isEarly = round % 2 === 0
    if (isEarly) await this.#letGo(round)
    this.#place('before').line.release()
    await fault.heal(this)
    if (!isEarly) await this.#letGo(round)
    for (const run of runs) await this.scene.ended(run)
    await fault.after?.(this)
    for (const [stage, run] of STAGES.map((each) => [each, runs[each === 'before' ? 1 : 0] as RunId] as const)) {
      await this.#expectTruth(stage, run, round)
    }
  }

  /** Those hosts are reached, and nothing of the round before is under way there. */
  async #warmUp(stages: readonly Stage[]): Promise<void> {
    const tasks = Object.fromEntries(stages.map((stage) => [stage, { run: 'true', machine: stage }]))
    expect(await this.scene.ended(await requestRun(this.server.bus, dag(tasks)))).toBe('SUCCEEDED')
  }

  /** The one that the host hears nothing of comes last: its silence must not be noticed before its time. */
  async #bringToStages(round: number): Promise<readonly RunId[]> {
    await mkdir(this.#dir(round))
    await chmod(this.#dir(round), 0o777)
    const taskOf = (stage: Stage) => ({ run: this.#command(stage, round), machine: stage })
    const held = STAGES.filter((stage) => stage !== 'before')
    for (const { gates, gate } of this.#gates(round)) await gates.close(gate)
    const run = await requestRun(this.server.bus, dag(Object.fromEntries(held.map((stage) => [stage, taskOf(stage)]))))
    for (const { gates, gate } of this.#gates(round)) await gates.held(gate)
    await this.scene.status(run, 'running', 'RUNNING')
    return [run, await this.#claimUnheard(taskOf('before'), `${this.#dir(round)}/silence`)]
  }

  /** The end of a task here brings the claim of the next one with it, in the same moment. */
  async #claimUnheard(task: object, silence: string): Promise<RunId> {
    const wait = { run: `until [ -e ${silence} ]; do sleep 0.2; done`, machine: 'local' }
    const run = await requestRun(this.server.bus, dag({ wait, before: { ...task, needs: ['wait'] } }))
    await this.scene.status(run, 'wait', 'RUNNING')
    await this.#warmUp(['before'])
    this.#place('before').line.hold()
    await writeFile(silence, '')
    await until(
      'the claim of what is not heard of',
      async () => (await this.scene.history(run, 'before')).includes('InstanceDispatched'),
      60_000,
    )
    return run
  }

  #command(stage: Stage, round: number): string {
    const record = (what: string) => `echo "${what} $DAGBOOK_ATTEMPT" >> ${this.#record(stage, round)}`
    const half = (from: number) =>
      `awk 'BEGIN { for (n = ${from}; n < ${from + LINES}; n++) print "${stage} line", n }'`
    const wait = stage === 'running' ? `until [ -e ${this.#dir(round)}/go ]; do sleep 0.2; done` : ':'
    return `${record('start')}\n${half(0)}\n${wait}\n${half(LINES)}\necho "${stage} \\0377" >&2\n${record('end')}\nexit ${exitCodeOf(round)}`
  }

  async #letGo(round: number): Promise<void> {
    for (const { gates, gate } of this.#gates(round)) await gates.open(gate)
    await writeFile(path.join(this.#dir(round), 'go'), '')
  }

  async #expectTruth(stage: Stage, run: RunId, round: number): Promise<void> {
    const { owner } = this.scene.db
    const instance = (await this.scene.instances(run))[stage]
    const id = instance?.id as string
    const attempts = await owner.query('SELECT number FROM attempt WHERE instance_id = $1', [id])
    const chunks = await chunksOf(owner, id)
    const bytes = (stream: string) => Buffer.concat(chunks.filter((each) => each.stream === stream).map((c) => c.bytes))
    const text = Array.from({ length: 2 * LINES }, (_, n) => `${stage} line ${n}\n`).join('')
    expect({
      stage,
      record: await linesOf(this.#record(stage, round)),
      status: instance?.status,
      exitCode: instance?.exit_code,
      attempts: attempts.length,
      stdout: digest(bytes('STDOUT')),
      stderr: bytes('STDERR').toString('latin1'),
    }).toEqual({
      stage,
      record: ['start 1', 'end 1'],
      status: exitCodeOf(round) === 0 ? 'SUCCEEDED' : 'FAILED',
      exitCode: exitCodeOf(round),
      attempts: 1,
      stdout: digest(Buffer.from(text)),
      stderr: `${stage} \xff\n`,
    })
  }

  #gates(round: number) {
    return this.places.flatMap(({ stage, gates }) => {
      const names = GATES[stage]
      const gate = names[Math.floor(round / 2) % names.length]
      return gate === undefined ? [] : [{ gates, gate }]
    })
  }

  #place(stage: Stage): Place<Of> {
    return this.places.find((place) => place.stage === stage) as Place<Of>
  }

  #dir(round: number): string {
    return path.join(this.scene.dir, `round-${round}`)
  }

  #record(stage: Stage, round: number): string {
    return path.join(this.#dir(round), stage)
  }
}

/** A failure has to be told truly, too. */
function exitCodeOf(round: number): number {
  return round % 3 === 2 ? 7 : 0
}

function digest(bytes: Buffer): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
}
