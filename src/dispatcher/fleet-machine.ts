import { UNREADABLE_KEY } from '../commands/probe-machine.js'
import { probeCommand, type SshMachineRow } from '../commands/ssh-machine.js'
import type { MachineCommand } from '../domain/machine/commands.js'
import { ContactError } from '../machines/contact-error.js'
import type { Machine } from '../machines/machine.js'
import { type Probe, probe } from '../machines/probe.js'
import { ReplaceableMachine } from '../machines/replaceable.js'
import { SshHost, type SshHostOptions } from '../machines/ssh.js'
import type { MachineContact } from '../queue/machine-contact.js'
import { unsampledBecause } from './sampling.js'
import { type SpoolLimits, SpoolRoom } from './spool-room.js'

/** What a check found: whether there was contact, and what the journal is to be told. */
export interface Checked {
  readonly contact: MachineContact
  readonly command: MachineCommand | null
}

/** One machine over SSH in this dispatcher's hands: opened as the tables say, opened anew when they say something else. */
export class FleetMachine {
  /** By whom commands run as; null: the login. */
  readonly #machines = new Map<string | null, ReplaceableMachine>()
  #host: SshHost | null = null
  /** What the host was opened with. */
  #opened = ''
  #isReached = false
  #checking: Promise<void> | null = null
  #reopening: Promise<void> | null = null
  #isClosed = false
  #checked: Checked | null = null

  readonly #room: SpoolRoom

  constructor(
    private row: SshMachineRow,
    limits: SpoolLimits,
    private readonly sampleSeconds: number | null = null,
  ) {
    this.#room = new SpoolRoom(limits, () => [...this.#machines.values()])
    this.#machines.set(null, new ReplaceableMachine())
    this.#open()
  }

  /** The machine as that user; null: as the login. Whether tasks may run so is told by their assignments. */
  as(user: string | null): Machine {
    const known = this.#machines.get(user)
    if (known !== undefined) return known
    const made = new ReplaceableMachine()
    this.#machines.set(user, made)
    this.#connect(user, made)
    return made
  }

  /** The machine as everyone whom it was used as; null: as the login. */
  get users(): ReadonlyMap<string | null, Machine> {
    return this.#machines
  }

  /** Whether it takes new attempts: it answered the last time, with the approved key, and its spool has room. */
  get isOffered(): boolean {
    const { isDraining, isQuarantined, isRemoved } = this.row
    return this.#isReached && this.fullBecause === null && !isDraining && !isQuarantined && !isRemoved
  }

  /** Why its spool takes nothing new; null: it has room. */
  get fullBecause(): string | null {
    return this.#room.problem
  }

  /** Whether it answered the last time. */
  get isReached(): boolean {
    return this.#isReached
  }

  /** As the queue knows it. */
  get offer() {
    const { id, name } = this.row
    return { id, name, machine: this.as(null) }
  }

  /** The tables say this now. Resolves when it is opened so; asked again before that, it is opened as was said last. */
  async adjust(row: SshMachineRow): Promise<void> {
    this.row = row
    if (this.#opened === openingOf(row)) return
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = null
    })
    await this.#reopening
  }

  /** Begins to ask the host what it is, unless that is under way; a quarantined one is not asked. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /** What the last check found, once. */
  takeChecked(): Checked | null {
    const checked = this.#checked
    this.#checked = null
    return checked
  }

  /** Running attempts go on. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#reopening
    await this.#closeHost('The machine is closed')
    await this.#checking
  }

  async #reopen(): Promise<void> {
    await this.#closeHost('The machine is being connected to anew')
    if (!this.#isClosed) this.#open()
  }

  #open(): void {
    const { host, isQuarantined, name } = this.row
    this.#opened = openingOf(this.row)
    if (isQuarantined) this.#detachAll(`Machine ${name} is quarantined: its host shows another key`)
    else if (host === null) this.#detachAll(UNREADABLE_KEY)
    else this.#openHost(host)
  }

  #openHost(options: SshHostOptions): void {
    try {
      this.#host = new SshHost(options)
      for (const [user, machine] of this.#machines) this.#connect(user, machine)
    } catch (error) {
      if (!(error instanceof ContactError)) throw error
      this.#detachAll(error.message)
    }
  }

  /** Every user has a spool of its own; the login's is the one that the machine is known by. */
  #connect(user: string | null, machine: ReplaceableMachine): void {
    if (this.#host === null) return
    const identity = user === null ? (this.row.identity ?? undefined) : undefined
    machine.replace(this.#host.machine({ user, identity, sampleSeconds: this.sampleSeconds }))
  }

  #detachAll(why: string): void {
    for (const machine of this.#machines.values()) machine.detach(why)
  }

  async #check(): Promise<void> {
    // While it is being opened anew there is nothing to ask.
    if (this.row.isQuarantined || this.#opened === '') return
    const opened = this.#opened
    const probed = await probe(this.as(null))
    // Opened anew meanwhile: that is no answer of what is there now.
    if (opened !== this.#opened) return
    this.#isReached = probed.kind === 'REACHED'
    if (probed.kind === 'REACHED') this.#room.take(probed.report)
    this.#checked = { contact: this.#contact(probed), command: probeCommand(probed) }
    // The journal will say what it means; until it does, nothing is sent there. Of a host of which no key is approved nothing is
    // open that could be closed, and opened anew it would be connected to in every round: its pool makes pauses.
    const isPinned = (this.row.host?.hostKeys.length ?? 0) > 0
    if (probed.kind === 'HOST_KEY' && isPinned) await this.#closeHost(probed.message)
  }

  #contact(probed: Probe): MachineContact {
    if (probed.kind !== 'REACHED') return { machineId: this.row.id, isReached: false, error: probed.message }
    const error = this.#room.problem ?? unsampledBecause(probed.report, this.sampleSeconds)
    return { machineId: this.row.id, isReached: true, error }
  }

  async #closeHost(why: string): Promise<void> {
    const host = this.#host
    this.#host = null
    this.#opened = ''
    this.#isReached = false
    this.#detachAll(why)
    await host?.close()
  }
}

/** What it takes to open it anew. The host's identity does not: it is learnt from what was opened. */
function openingOf({ host, isQuarantined }: SshMachineRow): string {
  return JSON.stringify([host, isQuarantined])
}
