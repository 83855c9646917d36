interface Input {
  readonly input: Record<string, string>
}

const ADMIN = { id: 'user_1', username: 'admin', fullName: null, role: 'ADMIN', permissions: [] }

/** One user, `admin` with the password `secret`; refresh tokens work once, as the contract has it. */
export class FakeAccess {
  /** Seconds that a new access token works. */
  lifetimeSeconds = 600
  refreshes = 0
  refusals = 0
  /** A refresh is answered after this. */
  beforeRefresh: () => Promise<void> = async () => undefined
  reuses = 0
  private readonly accessTokens = new Set<string>()
  private readonly refreshTokens = new Set<string>()
  private issued = 0

  accepts(authorization: string | undefined): boolean {
    const isAccepted = this.accessTokens.has(authorization?.replace(/^Bearer /, '') ?? '')
    if (!isAccepted) this.refusals += 1
    return isAccepted
  }

  /** From now on no access token that was given out works; refresh tokens do. */
  expireAccessTokens(): void {
    this.accessTokens.clear()
  }

  endSessions(): void {
    this.expireAccessTokens()
    this.refreshTokens.clear()
  }

  /** A token as a test may pass it by DAGBOOK_TOKEN. */
  apiToken(): string {
    this.accessTokens.add('api-token')
    return 'api-token'
  }

  root(): Record<string, unknown> {
    return {
      viewer: ADMIN,
      signIn: ({ input }: Input) => {
        if (input.username === 'admin' && input.password === 'secret') return this.issue()
        const userErrors = [{ message: 'The name or the password is wrong', code: 'INVALID', path: [] }]
        return { userErrors }
      },
      refreshSession: async ({ input }: Input) => {
        this.refreshes += 1
        await this.beforeRefresh()
        if (this.refreshTokens.delete(String(input.refreshToken))) return this.issue()
        this.reuses += 1
        return { userErrors: [{ message: 'The refresh token was used before', code: 'INVALID', path: ['input'] }] }
      },
      signOut: () => {
        this.endSessions()
        return { session: { id: 'session_1' }, userErrors: [] }
      },
    }
  }

  /** What a sign-in answers with. */
  issue() {
    this.issued += 1
    const [accessToken, refreshToken] = [`access-${this.issued}`, `refresh-${this.issued}`]
    this.accessTokens.add(accessToken)
    this.refreshTokens.add(refreshToken)
    const expiresAt = new Date(Date.now() + this.lifetimeSeconds * 1_000).toISOString()
    return { accessToken, refreshToken, expiresAt, user: ADMIN, userErrors: [] }
  }
}
