import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../clock.js'
import type { Logger } from '../logger.js'
import type { ClusterFolder } from './cluster-folder.js'
import { EmbeddedPostgresError } from './embedded-error.js'
import { Membership } from './membership.js'
import { readPostmaster, removeStalePidFile } from './postmaster.js'
import { type LaunchOptions, launchServer, logTail } from './server-process.js'

/** Without a server that is at least starting. One that repairs itself after a crash may take as long as it needs. */
const START_DEADLINE_MS = 60_000
/** A server that was killed leaves processes that take a moment to notice; until then they hold the data folder. */
const STALE_AFTER_MS = 3_000
const RETRY_MS = 200
const POLL_MS = 20

/**
 * Joins the folder's server, launching it when there is none. Throws EmbeddedPostgresError, or the signal's reason; but
 * not while a server is on its way up, for nobody would be left to stop it.
 */
export async function joinOrLaunch(
  folder: ClusterFolder,
  launch: LaunchOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<Membership> {
  const start = new Start(folder, launch, logger)
  for (;;) {
    if (!start.isUnderWay) signal.throwIfAborted()
    const membership = await start.step()
    if (membership !== null) return membership
    await pause(POLL_MS)
  }
}

/** One attempt, step by step: what is there now, and what to do about it. */
class Start {
  /** A server runs or is being started. */
  isUnderWay = false
  private readonly begin = monotonicMs()
  private lastSeen = this.begin
  private lastNotice = this.begin
  private child: ChildProcess | null = null
  private joinError: unknown = null

  constructor(
    private readonly folder: ClusterFolder,
    private readonly launch: LaunchOptions,
    private readonly logger: Logger,
  ) {}

  async step(): Promise<Membership | null> {
    const postmaster = await readPostmaster(this.folder.data)
    // A child that lives may not have replaced a dead one's pid file yet.
    this.isUnderWay = postmaster?.isRunning === true || (this.child !== null && !hasEnded(this.child))
    if (postmaster?.isRunning && postmaster.isReady) {
      try {
        return await Membership.join(this.folder, postmaster)
      } catch (error) {
        this.joinError = error
      }
    } else if (postmaster?.isRunning) {
      this.lastSeen = monotonicMs()
    } else if (this.child === null || hasEnded(this.child)) {
      await this.launchAgain()
    }
    await this.watchTime()
    return null
  }

  private async launchAgain(): Promise<void> {
    if (this.child !== null) await pause(RETRY_MS)
    if (monotonicMs() - this.begin > STALE_AFTER_MS) await removeStalePidFile(this.folder.data)
    this.child = await launchServer(this.folder, this.launch)
    this.isUnderWay = true
  }

  private async watchTime(): Promise<void> {
    const now = monotonicMs()
    if (now - this.lastSeen > START_DEADLINE_MS) {
      const message = `Embedded PostgreSQL in ${this.folder.path} did not start. It wrote:\n${await logTail(this.folder)}`
      throw new EmbeddedPostgresError('START_FAILED', message, { cause: this.joinError })
    }
    if (now - this.lastNotice < 5_000) return
    this.lastNotice = now
    this.logger.warn({ log: await logTail(this.folder) }, 'The embedded PostgreSQL is not ready yet')
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}
