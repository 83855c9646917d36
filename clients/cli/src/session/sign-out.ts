import { Failure, NotSignedInFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

const SIGN_OUT = /* GraphQL */ `
  mutation SignOut($input: SignOutInput!) {
    signOut(input: $input) { session { id } userErrors { message code path } }
  }
`

/** Ends the session at the server. Answers with why that could not be told; a session that had ended is no reason. */
export async function signOut(api: Api): Promise<string | undefined> {
  try {
    await api.mutateOnce(SIGN_OUT, {})
    return undefined
  } catch (error) {
    if (error instanceof NotSignedInFailure) return undefined
    if (error instanceof Failure) return error.message
    throw error
  }
}
