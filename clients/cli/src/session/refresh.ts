import type { StoredTokens } from '../config/context-file.js'
import { ServerFailure } from '../failure.js'
import { post } from '../graphql/post.js'
import { expiryOf } from './token-expiry.js'

const REFRESH = /* GraphQL */ `
  mutation RefreshSession($input: RefreshSessionInput!) {
    refreshSession(input: $input) {
      accessToken refreshToken expiresAt
      userErrors { message code path }
    }
  }
`

interface Refreshed {
  refreshSession: { accessToken: string | null; refreshToken: string | null; expiresAt: string | null } | null
}

/**
 * Trades the refresh token for new tokens; undefined when the server no longer takes it. It is never sent twice: after
 * an answer that was lost the first use may have counted, and a second would end the session.
 */
export async function refreshTokens(server: string, tokens: StoredTokens): Promise<StoredTokens | undefined> {
  const variables = { input: { refreshToken: tokens.refreshToken } }
  const answer = await post<Refreshed>(server, { query: REFRESH, variables }, {})
  const refreshed = answer.data?.refreshSession
  if (refreshed?.accessToken && refreshed.refreshToken) {
    const expiresAt = expiryOf(refreshed.accessToken, refreshed.expiresAt)
    return { ...tokens, accessToken: refreshed.accessToken, refreshToken: refreshed.refreshToken, expiresAt }
  }
  const failed = answer.errors?.find((error) => !isRefusal(error.extensions?.code))
  if (failed !== undefined) throw new ServerFailure(`Renewing the session: the server failed (${failed.message})`)
  return undefined
}

function isRefusal(code: unknown): boolean {
  return code === 'UNAUTHENTICATED' || code === 'FORBIDDEN' || code === 'BAD_USER_INPUT' || code === 'NOT_FOUND'
}
