/** A token as every command shows it. */
export interface Token {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

export const TOKEN_FIELDS = /* GraphQL */ `
  fragment TokenFields on ApiToken { id name scopes createdAt expiresAt lastUsedAt revokedAt }
`
