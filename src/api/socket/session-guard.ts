import { Loop } from '../../platform/loop.js'
import type { Services } from '../services.js'
import type { SocketSession } from './socket-session.js'

/** graphql-transport-ws has no more fitting code; it is what clients take for: sign in or refresh, then come again. */
const FORBIDDEN = 4403
const TRY_AGAIN_LATER = 1013
const MAX_BUFFERED_BYTES = 16 * 1_024 * 1_024

/** Events that may take a right from somebody. */
const OF_RIGHTS = /^(User|ProjectRole)/

/**
 * Looks at every open WebSocket once a second, and at once when the journal, wherever it was written, says that rights
 * have changed. One whose session or token was revoked, whose token has run out, or whose user lost a right is closed with
 * 4403; one that does not read what it is sent is closed, too, and may resume by position.
 */
export class SessionGuard extends Loop {
  override readonly name = 'session-guard'
  readonly #open = new Set<SocketSession>()
  readonly #ofUser = new Map<string, number>()
  /** While a socket is open the journal is followed; ends that. */
  #unfollow: AbortController | null = null

  constructor(
    private readonly services: Services,
    intervalMs = 1_000,
  ) {
    super({ intervalMs, longestPauseMs: intervalMs, logger: services.logger })
  }

  add(session: SocketSession): void {
    this.#open.add(session)
    this.#ofUser.set(session.viewer.userId, this.countOf(session.viewer.userId) + 1)
    this.#unfollow ??= this.#follow()
  }

  remove(session: SocketSession): void {
    if (!this.#open.delete(session)) return
    if (this.#open.size === 0) this.#endFollowing()
    const { userId } = session.viewer
    const left = this.countOf(userId) - 1
    if (left === 0) this.#ofUser.delete(userId)
    else this.#ofUser.set(userId, left)
  }

  #follow(): AbortController {
    const unfollow = new AbortController()
    const { tail, logger } = this.services
    const { signal } = unfollow
    const followed = async (): Promise<void> => {
      for await (const events of tail.follow({ after: tail.head, signal })) {
        if (events.some(({ type }) => OF_RIGHTS.test(type))) this.wake()
      }
    }
    followed().catch((error: unknown) => {
      logger.warn({ err: error }, 'Rights are looked at once a second only')
      if (this.#unfollow === unfollow) this.#unfollow = null
    })
    return unfollow
  }

  #endFollowing(): void {
    this.#unfollow?.abort()
    this.#unfollow = null
  }

  /** Open sockets of that user in this process. */
  countOf(userId: string): number {
    return this.#ofUser.get(userId) ?? 0
  }

  /** One look at all of them, in one statement. */
  override async runOnce(): Promise<boolean> {
    if (this.#open.size === 0) return false
    const sessions = [...this.#open]
    const credentials = [...new Set(sessions.map(({ viewer }) => viewer.credential))]
    const viewers = await this.services.access.viewersOf(credentials)
    const now = this.services.clock.now()
    for (const session of sessions) {
      const viewer = viewers.get(session.viewer.credential)
      if (viewer === undefined) session.close(FORBIDDEN, 'The session or token has ended')
      else if (session.expiresAt <= now) session.close(FORBIDDEN, 'The token has run out')
      else if (session.renew(viewer)) session.close(FORBIDDEN, 'The rights of the viewer have changed')
      else if (session.socket.bufferedAmount > MAX_BUFFERED_BYTES) session.close(TRY_AGAIN_LATER, 'Too slow a reader')
    }
    return false
  }

  /** Closes all of them, as the server goes away. */
  closeAll(): void {
    this.#endFollowing()
    for (const session of this.#open) session.close(1001, 'The server is going away')
  }
}
