import { UsageFailure } from '../failure.js'

/**
 * The variables of `--var NAME=TEXT`, which are strings, and of `--var-json NAME=JSON`. Throws UsageFailure on what has no
 * name, is no JSON, or comes twice.
 */
export function queryVariables(texts: readonly string[], documents: readonly string[]): Record<string, unknown> {
  const variables = new Map<string, unknown>()
  const add = (option: string, pair: string, read: (name: string, text: string) => unknown): void => {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, at))
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new UsageFailure(`${option}: must be NAME=VALUE, given ${pair}`)
    if (variables.has(name)) throw new UsageFailure(`${option} ${name}: must be given once`)
    variables.set(name, read(name, pair.slice(at + 1)))
  }
  for (const pair of texts) add('--var', pair, (_name, text) => text)
  for (const pair of documents) add('--var-json', pair, jsonValue)
  return Object.fromEntries(variables)
}

function jsonValue(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageFailure(`--var-json ${name}: must be JSON, given ${text}`)
  }
}
