import { UsageFailure } from '../failure.js'

const LONGEST = 100
const DAG_NAME = /^[A-Za-z_][A-Za-z0-9._-]{0,99}$/
const TASK_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

/** The name of a DAG: the wanted one if it fits (else UsageFailure), or the recorded one made to fit. */
export function dagName(recorded: string | null, wanted: string | undefined): string {
  if (wanted === undefined) return fitted(recorded ?? 'workflow', /[^A-Za-z0-9._-]/gu)
  if (!DAG_NAME.test(wanted)) {
    throw new UsageFailure(
      `--name: must be letters, digits and . _ -, not starting with a digit . or -, at most 100, given ${wanted}`,
    )
  }
  return wanted
}

/**
 * A key for each id, in their order. An id that fits is its own key; the others are made to fit, and get a number where
 * that is taken, also by an id that comes later.
 */
export function taskKeys(ids: readonly string[]): string[] {
  const taken = new Set(ids.filter(isKey))
  return ids.map((id) => {
    if (isKey(id)) return id
    const wanted = fitted(id, /[^A-Za-z0-9_-]/gu)
    let key = wanted
    for (let number = 2; taken.has(key) || !isKey(key); number++) key = numbered(wanted, number)
    taken.add(key)
    return key
  })
}

/** JavaScript objects treat `__proto__` in a way of their own; a key that is one is renamed like one that does not fit. */
function isKey(id: string): boolean {
  return TASK_KEY.test(id) && id !== '__proto__'
}

function fitted(text: string, misfits: RegExp): string {
  const replaced = text.replace(misfits, '_').slice(0, LONGEST)
  return /^[A-Za-z_]/.test(replaced) ? replaced : `_${replaced}`.slice(0, LONGEST)
}

function numbered(text: string, number: number): string {
  const suffix = `_${number}`
  return `${text.slice(0, LONGEST - suffix.length)}${suffix}`
}
