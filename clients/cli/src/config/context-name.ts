import { InvalidArgumentError } from 'commander'

const RULE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/

/** Letters, digits, and `. _ : -` after the first. */
export function isContextName(text: string): boolean {
  return RULE.test(text)
}

/** For an option or argument that names a context. */
export function contextName(value: string): string {
  if (!isContextName(value)) {
    throw new InvalidArgumentError('It must be 1 to 100 letters, digits, and . _ : - after the first.')
  }
  return value
}

/** The name of a server's context where nobody gave one: its host and port, with a number where that is taken. */
export function contextNameFor(server: string, taken: Readonly<Record<string, unknown>>): string {
  const host = new URL(server).host.replace(/[^A-Za-z0-9._:-]/g, '').replace(/^[^A-Za-z0-9]+/, '')
  const name = host.slice(0, 90) || 'server'
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`
    if (!Object.hasOwn(taken, candidate)) return candidate
  }
}
