/**
 * When an access token stops working, RFC 3339: its own `exp` where it is a JWT, else what the server said with it.
 * The token is not verified; only the server can do that.
 */
export function expiryOf(accessToken: string, statedExpiry: string | null): string {
  const own = jwtExpiry(accessToken)
  return own ?? statedExpiry ?? new Date(0).toISOString()
}

function jwtExpiry(token: string): string | undefined {
  const payload = token.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown }
    return typeof exp === 'number' ? new Date(exp * 1_000).toISOString() : undefined
  } catch {
    return undefined
  }
}

/** True from 30 s before the end on, so that a request does not outlive the token that it carries. */
export function isStale(expiresAt: string, now: number): boolean {
  return Date.parse(expiresAt) - 30_000 <= now
}
