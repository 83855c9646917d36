import type { CommandBus } from '../commands/command-bus.js'
import { deleteLeftKeys, readSshMachines } from '../commands/ssh-machine.js'
import type { CommandId, NodeId } from '../domain/ids.js'
import type { Machine } from '../machines/machine.js'
import { probe } from '../machines/probe.js'
import type { Database } from '../platform/database.js'
import type { Encryption } from '../platform/encryption.js'
import { newId } from '../platform/ids.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { within } from '../platform/within.js'
import type { OfferedMachine } from '../queue/candidate.js'
import { type MachineContact, recordContacts } from '../queue/machine-contact.js'
import { type Checked, FleetMachine } from './fleet-machine.js'
import { unsampledBecause } from './sampling.js'
import { type SpoolLimits, SpoolRoom } from './spool-room.js'

/** A machine that this dispatcher reaches, as the queue knows it and as something can be started there. */
export interface ReachedMachine extends OfferedMachine {
  readonly machine: Machine
}

export interface MachineFleetDependencies {
  /** This host, which is always reached. */
  readonly local: ReachedMachine
  readonly database: Database
  readonly bus: CommandBus
  readonly encryption: Encryption
  readonly node: NodeId
  readonly spoolLimits: SpoolLimits
  /** Between two samples of an attempt; null (default): none are taken. */
  readonly sampleSeconds?: number | null
  readonly logger: Logger
}

/** Where the attempts of one machine leave their files that run as one user. */
export interface Spool {
  readonly machineId: string
  /** Null: who logs in there. */
  readonly user: string | null
  readonly machine: Machine
}

/** A third of what a machine may be silent before it is OFFLINE, and some to spare. */
const CHECK_MS = 3_000
/** Who has not answered by then is looked at in the next round. */
const ROUND_MS = 1_500

/**
 * Which machines there are to dispatch to: this host, and those over SSH that the tables have and that answer. Attempts
 * ask for theirs by id, whether it answers or not; its host is asked every few seconds, and what is new is recorded.
 */
export class MachineFleet extends Loop {
  override readonly name = 'fleet'
  readonly #remote = new Map<string, FleetMachine>()
  /** Of machines that are gone; a host that does not answer takes its time. */
  readonly #closing = new Set<Promise<void>>()

  /** Of this host. */
  readonly #room: SpoolRoom
  #unsampledBecause: string | null = null
  #hadError = false

  constructor(private readonly dependencies: MachineFleetDependencies) {
    super({ intervalMs: CHECK_MS, logger: dependencies.logger })
    this.#room = new SpoolRoom(dependencies.spoolLimits, () => [dependencies.local.machine])
  }

  /** What may be claimed for. */
  get offered(): readonly OfferedMachine[] {
    const { local } = this.dependencies
    return [...(this.#room.problem === null ? [local] : []), ...this.#those(({ isOffered }) => isOffered)]
  }

  /** Where attempts that others left behind can be found again: also on machines that take nothing new. */
  get ids(): readonly string[] {
    return [this.dependencies.local, ...this.#those(({ isReached }) => isReached)].map(({ id }) => id)
  }

  /** Spools that can be looked into now; of users besides the login those that this dispatcher has used. */
  get spools(): readonly Spool[] {
    const { id: machineId, machine } = this.dependencies.local
    const remote = [...this.#remote].filter(([, { isReached }]) => isReached)
    return [
      { machineId, user: null, machine },
      ...remote.flatMap(([id, { users }]) => [...users].map(([user, one]) => ({ machineId: id, user, machine: one }))),
    ]
  }

  /** The machine as that user; null: as who logs in there. */
  machine(id: string | null, user: string | null = null): Machine | null {
    if (id === null) return null
    if (id === this.dependencies.local.id) return this.dependencies.local.machine
    return this.#remote.get(id)?.as(user) ?? null
  }

  /** Why the machine takes no new attempt for want of space; null: it does. */
  fullBecause(id: string | null): string | null {
    if (id === null) return null
    return id === this.dependencies.local.id ? this.#room.problem : (this.#remote.get(id)?.fullBecause ?? null)
  }

  get #sampleSeconds(): number | null {
    return this.dependencies.sampleSeconds ?? null
  }

  override async runOnce(): Promise<boolean> {
    await this.#adjust()
    return this.#check()
  }

  /** Ends all connections; running attempts go on. */
  async close(): Promise<void> {
    await this.stop()
    await Promise.all([...this.#closing, ...[...this.#remote.values()].map((machine) => machine.close())])
  }

  async #adjust(): Promise<void> {
    const { database, encryption } = this.dependencies
    await deleteLeftKeys(database.pool)
    const rows = await readSshMachines(database.pool, encryption, null)
    const wanted = new Set<string>(rows.map(({ id }) => id))
    const gone = [...this.#remote].filter(([id]) => !wanted.has(id))
    for (const [id, machine] of gone) {
      this.#remote.delete(id)
      const closing = machine.close().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    }
    const adjusting = rows.map((row) => {
      const known = this.#remote.get(row.id)
      if (known !== undefined) return known.adjust(row)
      this.#remote.set(row.id, new FleetMachine(row, this.dependencies.spoolLimits, this.#sampleSeconds))
      return null
    })
    await within(ROUND_MS, Promise.all([...this.#closing, ...adjusting]))
  }

  /** Whether something new was recorded: then the tables say something else. */
  async #check(): Promise<boolean> {
    const machines = [...this.#remote.values()]
    await within(ROUND_MS, Promise.all([this.#checkLocal(), ...machines.map((machine) => machine.check())]))
    const checked = machines.map((machine) => machine.takeChecked()).filter((each) => each !== null)
    const contacts = [...this.#localContact(), ...checked.map(({ contact }) => contact)]
    await recordContacts(this.dependencies.database.pool, contacts)
    const recorded = await Promise.all(checked.map((each) => this.#record(each)))
    return recorded.includes(true)
  }

  /** That this host is reached its node's lease says; here it is only asked for room. Never rejects. */
  async #checkLocal(): Promise<void> {
    const probed = await probe(this.dependencies.local.machine)
    if (probed.kind !== 'REACHED') return
    this.#room.take(probed.report)
    this.#unsampledBecause = unsampledBecause(probed.report, this.#sampleSeconds)
  }

  /** Of this host only while there is something to say, and once when there is not any more. */
  #localContact(): MachineContact[] {
    const error = this.#room.problem ?? this.#unsampledBecause
    const isWorthIt = error !== null || this.#hadError
    this.#hadError = error !== null
    return isWorthIt ? [{ machineId: this.dependencies.local.id, isReached: true, error }] : []
  }

  async #record({ contact, command }: Checked): Promise<boolean> {
    if (command === null) return false
    const { bus, node, logger } = this.dependencies
    const cause = { actor: node, correlationId: null, causationId: null, once: null }
    const id = newId('command') as CommandId
    const outcome = await bus.execute({ aggregate: 'machine', command, id, streamId: contact.machineId, ...cause })
    // Refused where it was removed meanwhile.
    if ('rejections' in outcome || outcome.position === null) return false
    if (command.type === 'RecordHostKey') {
      logger.warn({ machineId: contact.machineId, reason: contact.error }, 'A machine shows a key that is not approved')
    }
    return true
  }

  #those(which: (machine: FleetMachine) => boolean): ReachedMachine[] {
    return [...this.#remote.values()].filter(which).map(({ offer }) => offer)
  }
}
