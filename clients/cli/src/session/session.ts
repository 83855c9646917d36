import { readContext, type StoredTokens, writeContext } from '../config/context-file.js'
import { withFileLock } from '../config/file-lock.js'
import { DEFAULT_SERVER, serverUrl } from '../config/server-url.js'
import { NotSignedInFailure } from '../failure.js'
import { refreshTokens } from './refresh.js'
import { isStale } from './token-expiry.js'

/**
 * Who is calling which server. The access token comes from DAGBOOK_TOKEN or from the context file; the file's is renewed
 * when it has run out. A refresh token works once, so renewing holds a lock and first looks whether another process has
 * already done it.
 */
export class Session {
  private constructor(
    readonly server: string,
    readonly contextPath: string,
    private readonly fixedToken: string | undefined,
    private tokens: StoredTokens | undefined,
  ) {}

  /** DAGBOOK_SERVER before the context file's current server before the default. */
  static async open(contextPath: string, env: Readonly<Record<string, string | undefined>>): Promise<Session> {
    const context = await readContext(contextPath)
    const server = serverUrl(env.DAGBOOK_SERVER || context?.currentServer || DEFAULT_SERVER)
    // Tokens are kept by server: one server's token is never shown to another.
    return new Session(server, contextPath, env.DAGBOOK_TOKEN || undefined, context?.servers[server])
  }

  get username(): string | undefined {
    return this.tokens?.username
  }

  /** A token that should work now. Throws NotSignedInFailure where there is none. */
  async accessToken(): Promise<string> {
    if (this.fixedToken !== undefined) return this.fixedToken
    if (this.tokens === undefined) throw this.notSignedIn(`Nobody is signed in at ${this.server}`)
    if (isStale(this.tokens.expiresAt, Date.now())) return this.renew(this.tokens.accessToken)
    return this.tokens.accessToken
  }

  /** The token after `refused`, which the server no longer takes. Throws NotSignedInFailure when the session has ended. */
  async renew(refused: string): Promise<string> {
    if (this.fixedToken !== undefined) {
      throw this.notSignedIn('DAGBOOK_TOKEN: the server does not accept it (expired or revoked)')
    }
    return withFileLock(`${this.contextPath}.lock`, async () => {
      const context = await readContext(this.contextPath)
      const stored = context?.servers[this.server]
      if (context === undefined || stored === undefined) throw this.notSignedIn(`Nobody is signed in at ${this.server}`)
      this.tokens = stored
      if (stored.accessToken !== refused) return stored.accessToken
      const fresh = await refreshTokens(this.server, stored)
      if (fresh === undefined) throw this.notSignedIn(`The session of ${stored.username} at ${this.server} has ended`)
      this.tokens = fresh
      await writeContext(this.contextPath, { ...context, servers: { ...context.servers, [this.server]: fresh } })
      return fresh.accessToken
    })
  }

  private notSignedIn(message: string): NotSignedInFailure {
    return new NotSignedInFailure(message, `dagbook login --server ${this.server}`)
  }
}
