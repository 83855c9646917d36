/** Names of fields whose value is a secret, whoever logs them. */
const SECRET_NAME =
  /password|passwd|passphrase|secret|authorization|cookie|credential|private_?key|api_?key|encryption_?key|(^|[a-z_])token$/i

/** What stands where a secret stood. */
export const CENSORED = '[secret]'
const MAX_DEPTH = 6

/**
 * A copy of the fields in which every value under a secret's name is replaced, at any depth up to six. Errors and other
 * objects of a class stay what they are; the logger's serialisers write those.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    copy[name] = SECRET_NAME.test(name) && value !== null && value !== undefined ? CENSORED : redactValue(value, depth)
  }
  return copy
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  return isPlain(value) ? redactFields(value as Record<string, unknown>, depth + 1) : value
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || (prototype as object).constructor?.name === 'Object'
}

/** The text with the passwords of URLs and the values of bearer headers replaced; for whole lines, messages and stacks. */
export function redactText(text: string): string {
  if (!text.includes('://') && !/bearer /i.test(text)) return text
  return text
    .replace(/(:\/\/[^\s:/@"]*):[^\s@/"]+@/g, `$1:${CENSORED}@`)
    .replace(/(bearer )[\w.~+/=-]+/gi, `$1${CENSORED}`)
}
