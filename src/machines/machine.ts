/**
 * A host that executes attempts: a process is started on it and can be found again, by anyone who reaches the host,
 * whatever happened to the one who started it. Everything an attempt leaves is in its spool folder on the host.
 *
 *   spool/<instance id>/<fence>/   one attempt: what to run, pid, stdout, stderr, output, report, exit
 *
 * `local` is the first implementation; a host over SSH speaks the same agent protocol through another transport.
 */
export interface Machine {
  /**
   * Starts the attempt unless it was started before (the same instance and fence start at most once, ever).
   * Refuses when the spool holds a higher fence, or a lower one that still lives.
   * Throws MachineError when the host cannot be reached or cannot do it (disk full, no such directory ...).
   */
  start(attempt: AttemptSpec): Promise<StartAnswer>

  /** What the spool says of an attempt now. */
  probe(attempt: AttemptRef): Promise<AttemptReport>

  /**
   * Calls back as soon as an attempt on this host ends, whoever started it: a hint that `probe` is worth asking. After a
   * broken connection what ended meanwhile is called back too. A hint can be missing (disk full): probe now and then.
   */
  onExit(listener: (attempt: AttemptRef) => void): () => void

  /**
   * Calls back with what the attempt uses, every few seconds while it lives, as long as this host is listened to and its
   * sampling is on. Samples may be missing, and one that was told before may be told again.
   */
  onSample(attempt: AttemptRef, listener: (sample: AttemptSample) => void): () => void

  /** How much there is of both streams now. May be told a little later, with that of others, where asking costs the host something. */
  outputSizes(attempt: AttemptRef): Promise<StreamSizes>

  /** At most `maxBytes` of one stream from a byte offset on; empty when there is nothing (yet). */
  read(attempt: AttemptRef, stream: OutputStream, offset: number, maxBytes: number): Promise<Buffer>

  /** What the attempt wrote to $DAGBOOK_OUTPUT, at most `maxBytes` + 1 of it; null when it wrote nothing. */
  readOutput(attempt: AttemptRef, maxBytes: number): Promise<Buffer | null>

  /** At most `maxBytes` from a byte offset on of what was kept of the file that `report` names; empty when there was none. */
  readReport(attempt: AttemptRef, offset: number, maxBytes: number): Promise<Buffer>

  /**
   * TERM, `graceMs`, KILL for everything the attempt started (its session, and what escaped it but carries its token),
   * then verifies. Resolves when nothing of it lives; what would not die is named in the attempt's report. One that was
   * not started yet never will be. One that had ended by itself keeps its own end.
   */
  stop(attempt: AttemptRef, graceMs: number): Promise<void>

  /**
   * Removes what the attempt left, once its end and its output are stored. The host still knows that this fence was
   * there, so a late start of it, or of a lower one, is refused. Refused itself (BUSY) while something of it lives.
   */
  forget(attempt: AttemptRef): Promise<void>

  /**
   * Attempts that were claimed longer ago than that (in whole minutes) and that nobody has forgotten: what still runs, and
   * what ended when nobody was there to forget it. Nothing of them is ever removed without `forget`.
   */
  unforgotten(olderThanMs: number): Promise<AttemptRef[]>

  /**
   * Removes what is left of instances of which every attempt was forgotten longer ago than that (in whole minutes), and begins
   * a new file of ends when the old one is long. Takes minutes where there is much; nothing else has to wait for it.
   */
  prune(olderThanMs: number): Promise<void>

  /** Bytes that the spool takes on the disk. Takes long where there is much; nothing else has to wait for it. */
  spoolBytes(): Promise<number>

  /** Asks the host what it is. Throws ContactError when it cannot be reached: so this is how a machine is probed. */
  inspect(): Promise<HostReport>

  /** Ends the connection and its helpers; running attempts go on. */
  close(): Promise<void>
}

/** What a host says of itself. */
export interface HostReport {
  readonly cpus: number
  readonly memoryBytes: number
  /** `6.1.0-18-amd64`. */
  readonly kernel: string
  /** `x86_64`. */
  readonly architecture: string
  /** `Debian GNU/Linux 12 (bookworm)`; empty when it does not say. */
  readonly system: string
  /** Another one after every start of the host. */
  readonly bootId: string
  /** /etc/machine-id; the host's name where there is none. */
  readonly machineId: string
  /** Made with the spool, once. */
  readonly spoolId: string
  /** Absolute, without symbolic links. */
  readonly spool: string
  /** Left where the spool is; null when it does not say. */
  readonly spoolFreeBytes: number | null
  /** Whether it has what it takes to measure attempts (awk). */
  readonly canSample: boolean
  /** Who commands run as. */
  readonly user: string
}

export type OutputStream = 'STDOUT' | 'STDERR'

/** In bytes. */
export type StreamSizes = Readonly<Record<OutputStream, number>>

export interface AttemptRef {
  readonly instanceId: string
  /** The version of `InstanceDispatched` in the run's stream: higher is later. */
  readonly fence: number
}

/** What all living processes of an attempt use together, and how its host stands, at one moment. */
export interface AttemptSample extends AttemptRef {
  /** Of the host since its boot, in hundredths of seconds: tells samples of one attempt apart. */
  readonly uptime: number
  /** How long ago that was. */
  readonly ageMs: number
  /** Since the sample before, or since the attempt began: what `cpuPercent` is the average of. */
  readonly coveredMs: number
  /** 100: one core, all the time. */
  readonly cpuPercent: number
  /** Resident (RSS), pages that processes share counted for each. */
  readonly memoryBytes: number
  readonly threads: number
  readonly processes: number
  /** From and to disks since the attempt began; null where the host does not tell. */
  readonly diskReadBytes: number | null
  readonly diskWriteBytes: number | null
  readonly host: {
    readonly cpus: number
    readonly memoryBytes: number | null
    readonly availableBytes: number | null
  }
}

export interface AttemptSpec extends AttemptRef {
  /** The program and its arguments, as they are: no shell looks at them. `['sh', '-c', text]` for shell text. */
  readonly argv: readonly string[]
  /** The whole environment besides PATH, HOME, USER, LOGNAME, SHELL, LANG and what the machine adds (see `local.ts`). */
  readonly environment: Readonly<Record<string, string>>
  /** Variables besides, whose values appear in no list of processes. Names are those that a shell takes. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Relative paths are the machine's to resolve; null: its default directory. */
  readonly directory: string | null
  /** Bytes of the file that $DAGBOOK_INPUT names. */
  readonly input: string
  /** A file, from the directory on, of which the first bytes are kept when the command has ended; left out: none. */
  readonly report?: string | null
  readonly timeoutMs: number | null
  readonly graceMs: number
}

export type StartAnswer =
  | { readonly kind: 'STARTED'; readonly pid: number }
  /** Started before, by us or by another dispatcher: ask `probe`. ABSENT then means stopped before its start, or forgotten. */
  | { readonly kind: 'EXISTS' }
  /** The spool has a later attempt of this instance. */
  | { readonly kind: 'FENCED'; readonly fence: number }
  /** An earlier attempt of this instance still lives. */
  | { readonly kind: 'EARLIER_ALIVE'; readonly fence: number; readonly pid: number }

export type AttemptReport =
  /** The spool knows nothing of it: it was never started, or it was forgotten. */
  | { readonly kind: 'ABSENT' }
  | { readonly kind: 'RUNNING'; readonly pid: number }
  | { readonly kind: 'EXITED'; readonly exit: AttemptExit }
  /** Proof of loss: the host restarted, or the process died without leaving an exit. */
  | { readonly kind: 'LOST'; readonly reason: string }

export interface AttemptExit {
  readonly pid: number
  /** 128 + n when signal n ended it, as shells count. */
  readonly exitCode: number
  /** The runner ended it at its timeout, or because `stop` asked. */
  readonly cause: 'EXITED' | 'TIMED_OUT' | 'STOPPED'
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** User and system time of everything the attempt waited for. */
  readonly cpuSeconds: number
  /** By the host's clock, for its duration only. */
  readonly durationMs: number
  /** Whether its host has killed for want of memory meanwhile; null: it does not tell, or KILL did not end it. */
  readonly wasOutOfMemory: boolean | null
  /** Processes that outlived the command or left its session: `4711 sleep`, `4711 sleep (would not end)`. */
  readonly escaped: readonly string[]
}

/**
 * UNREACHABLE: no answer, what was asked may have happened; as a ContactError it says why. BUSY: something of the attempt still lives. INVALID: no
 * process can be given that (NUL, an empty argv). TOO_LARGE: more argv and environment than Linux takes. IO: any other
 * refusal of the host's file system. PROTOCOL: host and server do not understand each other.
 */
export type MachineErrorCode =
  | 'UNREACHABLE'
  | 'NO_DIRECTORY'
  | 'NO_PROGRAM'
  | 'DISK_FULL'
  | 'DENIED'
  | 'BUSY'
  | 'INVALID'
  | 'TOO_LARGE'
  | 'IO'
  | 'PROTOCOL'

/** The host could not do it. `isRetryable`: another try may succeed (unreachable, disk full); otherwise the task is at fault. */
export class MachineError extends Error {
  override readonly name: string = 'MachineError'
  constructor(
    readonly code: MachineErrorCode,
    message: string,
    readonly isRetryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
