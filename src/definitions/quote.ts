const MAX_QUOTED = 60

/** A given value as a message shows it: JSON, shortened to 60 characters. Never fails, whatever the value is. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? '{}' : 'a mapping'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(shorten(value, MAX_QUOTED))
}

/** The text, cut after `length` characters and marked so; a surrogate pair is not cut in two. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}

/** A path as messages write it: `tasks.load.needs[2]`, or `The file` for the top. */
export function subject(path: readonly string[]): string {
  if (path.length === 0) return 'The file'
  return path.reduce((text, part) => {
    if (/^[0-9]+$/.test(part) && text !== '') return `${text}[${part}]`
    const key = /^[\w$-]{1,100}$/.test(part) ? part : JSON.stringify(shorten(part, MAX_QUOTED))
    return text === '' ? key : `${text}.${key}`
  }, '')
}
