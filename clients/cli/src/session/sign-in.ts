import type { StoredTokens } from '../config/context-file.js'
import { NotSignedInFailure, ServerFailure } from '../failure.js'
import { failureOf, type UserError } from '../graphql/failure-of.js'
import { post } from '../graphql/post.js'
import { expiryOf } from './token-expiry.js'

const SIGN_IN = /* GraphQL */ `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken refreshToken expiresAt
      user { id username role }
      userErrors { message code path }
    }
  }
`

/** A person as `--json` prints them. */
export interface SignedInUser {
  readonly id: string
  readonly username: string
  readonly role: string
}

interface Payload {
  readonly accessToken: string | null
  readonly refreshToken: string | null
  readonly expiresAt: string | null
  readonly user: SignedInUser | null
  readonly userErrors: readonly UserError[]
}

/** Trades a name and a password for tokens. Throws NotSignedInFailure when the server does not accept them. */
export async function signIn(
  server: string,
  username: string,
  password: string,
): Promise<{ readonly tokens: StoredTokens; readonly user: SignedInUser }> {
  const request = { query: SIGN_IN, variables: { input: { username, password } } }
  const answer = await post<{ signIn: Payload }>(server, request, {})
  const [error] = answer.errors ?? []
  if (error !== undefined) throw failureOf(error, server)
  const payload = answer.data?.signIn
  const refusal = payload?.userErrors[0]
  if (refusal !== undefined) throw new NotSignedInFailure(refusal.message, `dagbook login --server ${server}`)
  if (!payload?.accessToken || !payload.refreshToken || payload.user === null) {
    throw new ServerFailure(`Server ${server}: answered the sign-in without tokens`)
  }
  const { accessToken, refreshToken, user } = payload
  const expiresAt = expiryOf(accessToken, payload.expiresAt)
  return { tokens: { username: user.username, accessToken, refreshToken, expiresAt }, user }
}
