/** A statement that is ready to be sent; one with a name is prepared once per connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}
