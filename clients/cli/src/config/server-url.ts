import { UsageFailure } from '../failure.js'

export const DEFAULT_SERVER = 'http://127.0.0.1:4000'

/** The server's address as it is stored and compared: an origin and a path, without `/graphql` and final slashes. */
export function serverUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageFailure(`Server address: must be an http or https URL, given ${given}`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/graphql$/, '')}`
}

/** Where GraphQL is spoken over HTTP. */
export function endpointOf(server: string): string {
  return `${server}/graphql`
}

/** Where GraphQL is spoken over a WebSocket. */
export function socketEndpointOf(server: string): string {
  return endpointOf(server).replace(/^http/, 'ws')
}
