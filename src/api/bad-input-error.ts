/** An argument breaks a rule; the caller's program has to change, not the caller's data. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError'
  readonly code = 'BAD_USER_INPUT'
  constructor(
    readonly argument: string,
    rule: string,
  ) {
    super(`Argument ${argument} ${rule}`)
  }
}
