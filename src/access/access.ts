import type { SessionId } from '../domain/ids.js'
import type { Viewer } from './viewer.js'

/** Signing in and knowing who asks. */
export interface Access {
  /** Who asks with that access token; null when it is none of ours, has run out, or its session has ended. */
  viewerOfToken(accessToken: string): Promise<Viewer | null>
  /** Null when the session has ended or its user may no longer sign in. */
  viewerOfSession(sessionId: SessionId): Promise<Viewer | null>
}
