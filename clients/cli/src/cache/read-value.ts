import { UsageFailure } from '../failure.js'

/**
 * What is typed as a value of that type: text as it is for STRING and BINARY, JSON for the others. Without a type what is a
 * number, true, false, an object or a list in JSON is that, and all else is text.
 */
export function readValue(text: string, type: string | undefined): unknown {
  if (type === 'STRING' || type === 'BINARY') return text
  const parsed = parseJson(text)
  if (type === undefined) return parsed === undefined || parsed === null || typeof parsed === 'string' ? text : parsed
  if (parsed === undefined)
    throw new UsageFailure(`VALUE: must be JSON for the type ${type}, given ${text.slice(0, 100)}`)
  return parsed
}

/** undefined: it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** How a value is printed: text as it is, anything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
