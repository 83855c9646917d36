/** Thrown inside the room when a file goes beyond a bound of `limits.ts`; `checkDefinition` turns it into a problem. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
  constructor(
    message: string,
    /** Where in the source, in UTF-16 code units; null: as a whole. */
    readonly offset: number | null = null,
  ) {
    super(message)
  }
}
