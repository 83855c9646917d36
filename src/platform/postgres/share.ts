import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../clock.js'
import type { Logger } from '../logger.js'
import type { ClusterFolder } from './cluster-folder.js'
import { joinOrLaunch } from './join-or-launch.js'
import type { Membership } from './membership.js'
import { isAlive, readPostmaster } from './postmaster.js'
import type { LaunchOptions } from './server-process.js'

const STOP_DEADLINE_MS = 60_000
const POLL_MS = 20

/** This process's part in keeping the server up, from `enter` to `exit`. */
export class Share {
  private membership: Membership | null = null
  private readonly leaving = new AbortController()
  private recovery: Promise<void> = Promise.resolve()

  constructor(
    private readonly folder: ClusterFolder,
    private readonly launch: LaunchOptions,
    private readonly logger: Logger,
  ) {}

  /** Joins, starting the server when nobody has; answers its port. Throws EmbeddedPostgresError. */
  async enter(): Promise<number> {
    const membership = await joinOrLaunch(this.folder, this.launch, this.logger, this.leaving.signal)
    this.membership = membership
    membership.onLost(() => {
      if (!this.leaving.signal.aborted) this.recovery = this.recover(membership.postmaster.port)
    })
    return membership.postmaster.port
  }

  /** Leaves, and stops the server when nobody else is in. A second call does nothing. */
  async exit(): Promise<void> {
    if (this.leaving.signal.aborted) return
    this.leaving.abort()
    await this.recovery
    const { membership } = this
    if (membership === null) return
    const isLast = await membership.leave().catch(() => false)
    if (isLast) await this.stopServer(membership.postmaster.pid)
    await membership.end()
  }

  private async recover(port: number): Promise<void> {
    this.membership = null
    this.logger.error('The embedded PostgreSQL is gone, starting it again')
    while (!this.leaving.signal.aborted) {
      try {
        const now = await this.enter()
        if (now === port) this.logger.info('The embedded PostgreSQL is back')
        else this.logger.fatal({ port: now }, 'The embedded PostgreSQL took another port: start this program again')
        return
      } catch (error) {
        if (!this.leaving.signal.aborted) this.logger.error({ err: error }, 'The embedded PostgreSQL did not come back')
      }
    }
  }

  /** A fast shutdown; when that takes too long an immediate one, which the next start repairs. */
  private async stopServer(pid: number): Promise<void> {
    const begin = monotonicMs()
    signal(pid, 'SIGINT')
    for (let isForced = false; isAlive(pid); await pause(POLL_MS)) {
      // A zombie whose parent does not collect it is still a pid, but it has no pid file any more.
      if ((await readPostmaster(this.folder.data)) === null) return
      if (isForced || monotonicMs() - begin < STOP_DEADLINE_MS) continue
      isForced = true
      this.logger.warn('The embedded PostgreSQL takes too long to stop, ending it at once')
      signal(pid, 'SIGQUIT')
    }
  }
}

/** One that was killed meanwhile has stopped, too. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
