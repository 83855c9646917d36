import { parse } from 'yaml'
import { UsageFailure } from '../failure.js'

/** A mapping in JSON or YAML. Throws UsageFailure for all else; `subject`: where it is, `what`: what it must be. */
export function parseMapping(subject: string, text: string, what: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new UsageFailure(`${subject}: must be JSON or YAML (${(error as Error).message.split('\n')[0]})`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UsageFailure(`${subject}: must be ${what}, given ${JSON.stringify(value)?.slice(0, 80)}`)
}
