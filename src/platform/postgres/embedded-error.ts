/** The embedded PostgreSQL cannot be started or stopped; the message says why, with what the server wrote last. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
  constructor(
    readonly code: 'NO_BINARIES' | 'WRONG_MAJOR' | 'NOT_REACHABLE' | 'INIT_FAILED' | 'START_FAILED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
