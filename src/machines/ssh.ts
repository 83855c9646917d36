import { AgentMachine } from './agent-machine.js'
import { LOGIN_PATH } from './command-spec.js'
import { ContactError } from './contact-error.js'
import { isUserName } from './host-facts.js'
import { LoginKey } from './login-key.js'
import { type Machine, MachineError } from './machine.js'
import type { SpoolIdentity } from './spool-identity.js'
import type { SshTarget } from './ssh-connect.js'
import { SshPool, type SshPoolOptions } from './ssh-pool.js'
import { createSshTransport } from './ssh-transport.js'

export interface SshHostOptions extends Omit<SshTarget, 'key'>, Partial<SshPoolOptions> {
  /** The login's, in OpenSSH or PEM form. */
  readonly privateKey: string
  readonly passphrase?: string | undefined
  /** An answer of an agent that takes longer is given up. Default 30 s. */
  readonly requestTimeoutMs?: number | undefined
  /** From a channel's opening to its agent's greeting. Default 15 s. */
  readonly greetingTimeoutMs?: number | undefined
}

export interface SshMachineOptions {
  /** Commands run as this user, whom the login becomes by `sudo -n`; null: as the login. */
  readonly user: string | null
  /** Absolute, or from that user's home on. Default `.dagbook/spool`. Two users never share one. */
  readonly spoolDir?: string | undefined
  /** Where relative directories begin: absolute, or null for that user's home. Default null. */
  readonly defaultDirectory?: string | null | undefined
  /** PATH of commands that bring none. Default: the usual one of a login. */
  readonly path?: string | undefined
  /** Default `C.UTF-8`. */
  readonly lang?: string | undefined
  /** Between two samples of an attempt; null (default): none are taken. */
  readonly sampleSeconds?: number | null | undefined
  /** The spool as it was when the machine was registered; by default whatever is found first. */
  readonly identity?: SpoolIdentity | undefined
  /** Instead of HOST_SCRIPT; for tests, which cut it at its stages. */
  readonly script?: string | undefined
}

const DEFAULTS: SshPoolOptions = {
  connectTimeoutMs: 10_000,
  openTimeoutMs: 10_000,
  keepaliveMs: 1_000,
  keepaliveMisses: 3,
  // OpenSSH allows 10 (MaxSessions), but a slot is free again only when sshd has reaped the program.
  maxChannels: 4,
  maxConnections: 16,
  firstPauseMs: 250,
  longestPauseMs: 10_000,
}

/**
 * A host over SSH: its machines, one for each user that commands run as, share its connections. Nothing is connected
 * before a machine is first asked something. Another key or another address is another SshHost.
 *
 *   AgentMachine (login)   control, events, reading --+
 *   AgentMachine (user)    control, events, reading --+-- SshPool: 4 channels a connection -- sshd
 */
export class SshHost {
  readonly #pool: SshPool
  readonly #machines: AgentMachine[] = []

  /** Throws ContactError (PRIVATE_KEY) when that key is none. */
  constructor(private readonly options: SshHostOptions) {
    const key = new LoginKey(options.privateKey, options.passphrase)
    this.#pool = new SshPool({ ...options, key }, { ...DEFAULTS, ...defined(options) })
  }

  /** Throws MachineError (DENIED) for a user that nobody can be called. */
  machine(options: SshMachineOptions): Machine {
    const { user } = options
    if (user !== null && !isUserName(user)) throw new MachineError('DENIED', `No user can be called ${user}`, false)
    const { host, port, login, requestTimeoutMs, greetingTimeoutMs } = this.options
    const machine = new AgentMachine({
      transport: createSshTransport(this.#pool, user === login ? null : user),
      spool: options.spoolDir ?? '.dagbook/spool',
      // The agent itself runs as that user.
      user: null,
      defaultDirectory: options.defaultDirectory ?? null,
      path: options.path ?? LOGIN_PATH,
      lang: options.lang ?? 'C.UTF-8',
      sampleSeconds: options.sampleSeconds,
      recognize: recognizer(`${host}:${port}`, options.identity),
      requestTimeoutMs,
      greetingTimeoutMs,
      script: options.script,
    })
    this.#machines.push(machine)
    return machine
  }

  /** Closes its machines and ends all connections; running attempts go on. */
  async close(): Promise<void> {
    await Promise.all([...this.#machines.map((machine) => machine.close()), this.#pool.close()])
  }
}

/** Refuses a spool that is another one than before: the host was made anew, or is another. */
function recognizer(where: string, expected: SpoolIdentity | undefined): (seen: SpoolIdentity) => void {
  let known = expected
  return (seen) => {
    known ??= seen
    if (known.spoolId === seen.spoolId && known.machineId === seen.machineId) return
    const [was, is] = [known, seen].map(({ spoolId, machineId }) => `${spoolId} on ${machineId}`)
    throw new ContactError('ANOTHER_HOST', `${where} has another spool than before: ${is} instead of ${was}`)
  }
}

/** Without what is undefined, so that a default is not overridden by it. */
function defined<Options extends object>(options: Options): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>
}
