/** Settings of a PostgreSQL session by their names in the manual: `{ role: 'x', statement_timeout: '30s' }`. */
export type SessionSettings = Readonly<Record<string, string | number>>

/**
 * The URL with the settings in its `options`, so that the server applies them while it accepts the connection: it
 * costs no round trip, RESET goes back to them, and a connection that may not have them is refused. Settings that the
 * URL already carries stay unless they are named again. The URL is cut by hand because forms such as
 * `postgres://user@/db?host=/run/postgresql` are not URLs to `new URL`.
 */
export function withSettings(url: string, applicationName: string, settings: SessionSettings): string {
  const cut = url.indexOf('?')
  const base = cut < 0 ? url : url.slice(0, cut)
  const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
  const given = query.get('options')
  const added = Object.entries(settings).map(([name, value]) => `-c ${name}=${escapeSpaces(String(value))}`)
  query.set('options', [...(given === null ? [] : [given]), ...added].join(' '))
  query.set('application_name', applicationName)
  return `${base}?${query.toString().replaceAll('+', '%20')}`
}

/** The same server and user, another database. */
export function withDatabaseName(url: string, database: string): string {
  const cut = url.indexOf('?')
  const base = cut < 0 ? url : url.slice(0, cut)
  const authority = /^[a-z]+:\/\/[^/]*/.exec(base)?.[0] ?? base
  return `${authority}/${encodeURIComponent(database)}${cut < 0 ? '' : url.slice(cut)}`
}

function escapeSpaces(value: string): string {
  return value.replace(/[\\ ]/g, '\\$&')
}
