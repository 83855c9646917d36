import type { WebSocket } from '@fastify/websocket'
import type { Viewer } from '../../access/viewer.js'
import type { Context } from '../context.js'

/** What is kept of one open WebSocket: who is behind it, until when, and what runs on it. */
export class SocketSession {
  readonly operations = new Map<string, Context>()

  constructor(
    readonly socket: WebSocket,
    public viewer: Viewer,
    /** Of the token. */
    readonly expiresAt: Date,
  ) {}

  /** The viewer as read anew. What was gained holds at once for what runs; answers whether something was lost. */
  renew(viewer: Viewer): boolean {
    const hasLost = lostRights(this.viewer, viewer)
    this.viewer = viewer
    for (const context of this.operations.values()) context.viewer = viewer
    return hasLost
  }

  /** Ends what runs, then the connection. */
  close(code: number, reason: string): void {
    this.abortAll(reason)
    this.socket.close(code, reason)
  }

  /** Ends what runs. */
  abortAll(reason: string): void {
    for (const context of this.operations.values()) context.abort(new Error(reason))
    this.operations.clear()
  }
}

function lostRights(before: Viewer, after: Viewer): boolean {
  if (before.role === 'ADMIN' && after.role !== 'ADMIN') return true
  if (before.permissions.some((permission) => !after.permissions.includes(permission))) return true
  for (const [projectId, role] of before.projectRoles) {
    if (after.projectRoles.get(projectId) !== role) return true
  }
  return false
}
