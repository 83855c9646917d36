interface Input {
  readonly input: Record<string, unknown>
}

const NOW = '2026-11-25T12:00:00.000Z'
const ONE_PAGE = { hasNextPage: false, endCursor: null }
const page = (nodes: readonly unknown[]) => ({ nodes, pageInfo: ONE_PAGE })

/** People, their tokens, members and secrets: what was asked for is kept to be looked at. */
export class FakePeople {
  /** Inputs of mutations, without their keys, in order. */
  readonly asked: [mutation: string, input: Record<string, unknown>][] = []
  readonly users = new Map<string, Record<string, unknown>>()
  lastFilter: unknown = null

  root(): Record<string, unknown> {
    return {
      node: () => ({ __typename: 'User', ...this.own() }),
      user: ({ username }: { username: string }) => this.users.get(username) ?? null,
      users: () => page([...this.users.values()]),
      auditLog: ({ filter, after }: { filter: unknown; after: string | null }) => {
        this.lastFilter = filter
        return this.auditPage(Number(after ?? 0))
      },
      createUser: ({ input }: Input) => {
        this.note('createUser', input)
        return { user: this.add(String(input.username), input), userErrors: [] }
      },
      updateUser: ({ input }: Input) => this.changed('updateUser', input),
      eraseUser: ({ input }: Input) => this.changed('eraseUser', input),
      changePassword: ({ input }: Input) => {
        this.note('changePassword', input)
        if (input.currentPassword === 'wrong') {
          return { user: null, userErrors: [{ message: 'It is wrong', code: 'INVALID', path: ['currentPassword'] }] }
        }
        return { user: { id: 'user_1', username: 'admin' }, userErrors: [] }
      },
      revokeSession: ({ input }: Input) =>
        this.payload('revokeSession', input, { session: { id: input.sessionId, logoutAt: NOW } }),
      createApiToken: ({ input }: Input) =>
        this.payload('createApiToken', input, { apiToken: TOKEN, secret: 'dagbook_shown-once' }),
      revokeApiToken: ({ input }: Input) => this.payload('revokeApiToken', input, { apiToken: TOKEN }),
      grantProjectRole: ({ input }: Input) => this.payload('grantProjectRole', input, {}),
      revokeProjectRole: ({ input }: Input) => this.payload('revokeProjectRole', input, {}),
      setSecret: ({ input }: Input) =>
        this.payload('setSecret', input, { secret: { name: input.name, createdAt: NOW, updatedAt: NOW } }),
      deleteSecret: ({ input }: Input) =>
        this.payload('deleteSecret', input, { secret: { name: input.name, createdAt: NOW, updatedAt: NOW } }),
    }
  }

  private own() {
    const session = {
      id: 'session_1',
      loginAt: NOW,
      logoutAt: null,
      lastActivityAt: NOW,
      expiresAt: NOW,
      ipAddress: '::1',
      userAgent: 'test',
    }
    return { id: 'user_1', sessions: page([session]), apiTokens: page([TOKEN]) }
  }

  private add(username: string, input: Record<string, unknown>) {
    const { email = null, fullName = null, role, permissions } = input
    const user = {
      id: `user_${username}`,
      username,
      email,
      fullName,
      role: role ?? 'USER',
      permissions: permissions ?? [],
    }
    const all = { ...user, isActive: true, lastLoginAt: null }
    this.users.set(username, all)
    return all
  }

  /** Two entries, one a page. */
  private auditPage(at: number) {
    const { pageInfo } = page([])
    const nodes = [{ ...ENTRY, id: `audit_${7 - at}`, details: { before: null, after: {} } }]
    return { nodes, pageInfo: { ...(pageInfo as object), hasNextPage: at === 0, endCursor: String(at + 1) } }
  }

  private changed(mutation: string, input: Record<string, unknown>) {
    this.note(mutation, input)
    const user = [...this.users.values()].find(({ id }) => id === input.userId)
    return { user, userErrors: [] }
  }

  private payload(mutation: string, input: Record<string, unknown>, more: object) {
    this.note(mutation, input)
    return { ...more, userErrors: [] }
  }

  private note(mutation: string, { idempotencyKey: _, ...input }: Record<string, unknown>): void {
    this.asked.push([mutation, input])
  }
}

const TOKEN = {
  id: 'apitoken_1',
  name: 'ci',
  scopes: ['read'],
  createdAt: NOW,
  expiresAt: NOW,
  lastUsedAt: null,
  revokedAt: null,
}
const ENTRY = {
  id: 'audit_7',
  position: '7',
  action: 'UserCreated',
  entityType: 'User',
  entityId: 'user_ada',
  username: 'admin',
  outcome: 'SUCCESS',
  errorMessage: null,
  ipAddress: '::1',
  createdAt: NOW,
}
