import { UsageFailure } from '../failure.js'
import { parseMapping } from './parse-mapping.js'

type Schema = Readonly<Record<string, unknown>>

const JSON_TYPES = new Set(['number', 'integer', 'boolean', 'array', 'object', 'null'])

/**
 * The parameters of a run: those of a file (JSON or YAML object) with the `k=v` ones over them. A `k=v` value is read as
 * JSON where the DAG's schema says that k is a number, boolean, array or object, and is itself a string otherwise.
 */
export function runParameters(
  pairs: readonly string[],
  fileText: string | undefined,
  schema: Schema | null,
): Record<string, unknown> {
  const given = fileText === undefined ? {} : parseMapping('--params-file', fileText, 'an object of parameters')
  const parameters = new Map(Object.entries(given))
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageFailure(`--param: must be NAME=VALUE, given ${pair}`)
    const name = pair.slice(0, at)
    parameters.set(name, parameterValue(name, pair.slice(at + 1), schema))
  }
  return Object.fromEntries(parameters)
}

function parameterValue(name: string, text: string, schema: Schema | null): unknown {
  const types = typesOf(name, schema)
  const jsonTypes = types.filter((type) => JSON_TYPES.has(type))
  // A schema that allows a string takes the text as it is: `--param day=2026` must not depend on what it looks like.
  if (jsonTypes.length === 0 || types.includes('string')) return text
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageFailure(
      `--param ${name}: the DAG's schema wants JSON of type ${jsonTypes.join(' or ')}, given ${text}`,
    )
  }
}

function typesOf(name: string, schema: Schema | null): string[] {
  const properties = schema?.properties
  if (typeof properties !== 'object' || properties === null || !Object.hasOwn(properties, name)) return []
  const { type } = resolved((properties as Record<string, unknown>)[name], schema as Schema)
  return (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === 'string')
}

/** Follows `$ref` inside the same schema, a few steps at most: a schema may point at itself. */
function resolved(property: unknown, root: Schema): Schema {
  let current = property
  for (let steps = 0; steps < 8; steps++) {
    if (typeof current !== 'object' || current === null) return {}
    const { $ref } = current as { $ref?: unknown }
    if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return current as Schema
    current = $ref
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], root)
  }
  return {}
}
