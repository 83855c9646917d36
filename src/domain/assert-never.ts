/** Makes a switch exhaustive: the compiler refuses a case left out, and at run time the unknown value is named. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`)
}
