import type { SessionId } from '../../domain/ids.js'
import { Loop } from '../../platform/loop.js'
import type { Services } from '../services.js'
import type { SocketSession } from './socket-session.js'

/** graphql-transport-ws has no more fitting code; it is what clients take for: sign in or refresh, then come again. */
const FORBIDDEN = 4403
const TRY_AGAIN_LATER = 1013
const MAX_BUFFERED_BYTES = 16 * 1_024 * 1_024

/**
 * Looks at every open WebSocket once a second. One whose session was revoked, whose token has run out, or whose user
 * lost a right is closed with 4403; one that does not read what it is sent is closed, too, and may resume by position.
 */
export class SessionGuard extends Loop {
  override readonly name = 'session-guard'
  readonly #open = new Set<SocketSession>()
  readonly #ofUser = new Map<string, number>()

  constructor(
    private readonly services: Services,
    intervalMs = 1_000,
  ) {
    super({ intervalMs, logger: services.logger })
  }

  add(session: SocketSession): void {
    this.#open.add(session)
    this.#ofUser.set(session.viewer.userId, this.countOf(session.viewer.userId) + 1)
  }

  remove(session: SocketSession): void {
    if (!this.#open.delete(session)) return
    const { userId } = session.viewer
    const left = this.countOf(userId) - 1
    if (left === 0) this.#ofUser.delete(userId)
    else this.#ofUser.set(userId, left)
  }

  /** Open sockets of that user in this process. */
  countOf(userId: string): number {
    return this.#ofUser.get(userId) ?? 0
  }

  /** One look at all of them, in one statement. */
  override async runOnce(): Promise<boolean> {
    if (this.#open.size === 0) return false
    const sessions = [...this.#open]
    const ids = [...new Set(sessions.map(({ viewer }) => viewer.sessionId))]
    const viewers = await this.services.access.viewersOfSessions(ids as SessionId[])
    const now = this.services.clock.now()
    for (const session of sessions) {
      const viewer = viewers.get(session.viewer.sessionId)
      if (viewer === undefined) session.close(FORBIDDEN, 'The session has ended')
      else if (session.expiresAt <= now) session.close(FORBIDDEN, 'The access token has run out')
      else if (session.renew(viewer)) session.close(FORBIDDEN, 'The rights of the viewer have changed')
      else if (session.socket.bufferedAmount > MAX_BUFFERED_BYTES) session.close(TRY_AGAIN_LATER, 'Too slow a reader')
    }
    return false
  }

  /** Closes all of them, as the server goes away. */
  closeAll(): void {
    for (const session of this.#open) session.close(1001, 'The server is going away')
  }
}
