import { readContexts, type StoredContexts, type StoredTokens, writeContexts } from '../config/context-file.js'
import { withFileLock } from '../config/file-lock.js'
import { type SelectedContext, selectContext } from '../config/select-context.js'
import { NotSignedInFailure } from '../failure.js'
import { refreshTokens } from './refresh.js'
import { isTaskToken } from './task-token.js'
import { isStale } from './token-expiry.js'

/**
 * Who is calling which server. The access token comes from DAGBOOK_TOKEN or from the context file; the file's is renewed
 * when it has run out. A refresh token works once, so renewing holds a lock and first looks whether another process has
 * already done it.
 */
export class Session {
  private tokens: StoredTokens | null

  private constructor(
    private readonly context: SelectedContext,
    readonly contextPath: string,
    private readonly fixedToken: string | undefined,
  ) {
    this.tokens = context.tokens
  }

  /** The context of that name, else what the environment and the file say; docs/cli.md has the order. */
  static async open(
    contextPath: string,
    env: Readonly<Record<string, string | undefined>>,
    contextName: string | undefined,
  ): Promise<Session> {
    const stored = await readContexts(contextPath)
    const context = selectContext(stored, contextName, env.DAGBOOK_SERVER || undefined)
    const { DAGBOOK_TOKEN: given = '' } = env
    return new Session(context, contextPath, given === '' || isTaskToken(given) ? undefined : given)
  }

  get server(): string {
    return this.context.server
  }

  /** null: no context is about this server. */
  get contextName(): string | null {
    return this.context.name ?? null
  }

  /** A token that should work now. Throws NotSignedInFailure where there is none. */
  async accessToken(): Promise<string> {
    if (this.fixedToken !== undefined) return this.fixedToken
    if (this.tokens === null) throw this.notSignedIn(`Nobody is signed in at ${this.server}`)
    if (isStale(this.tokens.expiresAt, Date.now())) return this.renew(this.tokens.accessToken)
    return this.tokens.accessToken
  }

  /** The token after `refused`, which the server no longer takes. Throws NotSignedInFailure when the session has ended. */
  async renew(refused: string): Promise<string> {
    if (this.fixedToken !== undefined) {
      throw this.notSignedIn('DAGBOOK_TOKEN: the server does not accept it (expired or revoked)')
    }
    return withFileLock(`${this.contextPath}.lock`, async () => {
      const all = await readContexts(this.contextPath)
      const stored = this.storedTokens(all)
      if (stored === null) throw this.notSignedIn(`Nobody is signed in at ${this.server}`)
      this.tokens = stored
      if (stored.accessToken !== refused) return stored.accessToken
      const fresh = await refreshTokens(this.server, stored)
      if (fresh === undefined) throw this.notSignedIn(`The session of ${stored.username} at ${this.server} has ended`)
      this.tokens = fresh
      await writeContexts(this.contextPath, withTokens(all, this.context, fresh))
      return fresh.accessToken
    })
  }

  /** Somebody may have given the context another server meanwhile; its tokens are not for this one. */
  private storedTokens({ contexts }: StoredContexts): StoredTokens | null {
    const { name, server } = this.context
    const context = name === undefined ? undefined : contexts[name]
    return context?.server === server ? context.tokens : null
  }

  private notSignedIn(message: string): NotSignedInFailure {
    const { name, server } = this.context
    const isNamed = name !== undefined && name !== new URL(server).host
    return new NotSignedInFailure(message, `dagbook login ${isNamed ? `--context ${name}` : `--server ${server}`}`)
  }
}

/** The same contexts, this one with other tokens; null: signed out. */
export function withTokens(
  all: StoredContexts,
  { name = '', server }: Pick<SelectedContext, 'name' | 'server'>,
  tokens: StoredTokens | null,
): StoredContexts {
  return { ...all, contexts: { ...all.contexts, [name]: { server, tokens } } }
}
