import type { Notes } from './imported.js'
import { asList, asMapping, asText, isTrue, type LineOf, type Mapping } from './yaml-source.js'

/** `my-opt` reaches Rundeck's steps as RD_OPTION_MY_OPT, Dagbook's as DAGBOOK_PARAM_MY_OPT. */
export function optionVariable(name: string): string {
  return `DAGBOOK_PARAM_${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`
}

/** A name that an option may keep as a parameter. */
export function parameterName(name: string): string {
  const fitted = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100)
  return /^[A-Za-z_]/.test(fitted) ? fitted : `_${fitted}`.slice(0, 100)
}

/** A job's options as the JSON Schema of a DAG's parameters; null: it has none. Options are always text. */
export function optionsOf(options: unknown, lineOf: LineOf, notes: Notes): Mapping | null {
  const list = listOf(options)
  if (list.length === 0) return null
  const properties: Record<string, unknown> = {}
  const required: string[] = []
  for (const { name, option, path } of list) {
    const line = lineOf('options', ...path)
    const parameter = parameterName(name)
    if (isTrue(option.secure)) {
      notes.lose(
        line,
        'secure options',
        `Option ${name}: a parameter is no place for a secret, it is stored with the run`,
      )
      continue
    }
    if (parameter !== name) notes.add(line, 'RENAMED', `Option ${name} became the parameter ${parameter}`)
    properties[parameter] = propertyOf(name, option, line, notes)
    if (isTrue(option.required) && option.value === undefined) required.push(parameter)
  }
  if (Object.keys(properties).length === 0) return null
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

interface Option {
  readonly name: string
  readonly option: Mapping
  readonly path: readonly (string | number)[]
}

/** A list, or (in older files) a mapping by name. */
function listOf(options: unknown): Option[] {
  const mapping = asMapping(options)
  if (mapping !== null)
    return Object.entries(mapping).map(([name, option]) => ({ name, option: asMapping(option) ?? {}, path: [name] }))
  return asList(options).flatMap((value, index) => {
    const option = asMapping(value)
    const name = asText(option?.name)
    return option === null || name === null ? [] : [{ name, option, path: [index] }]
  })
}

function propertyOf(name: string, option: Mapping, line: number | null, notes: Notes): Mapping {
  const description = asText(option.description)?.trim()
  const value = asText(option.value)
  const values = asList(option.values).flatMap((each) => asText(each) ?? [])
  const regex = asText(option.regex)
  for (const key of ['valuesUrl', 'multivalued', 'type', 'storagePath', 'dateFormat']) {
    if (option[key] !== undefined && option[key] !== false)
      notes.lose(line, `${key} of options`, `Option ${name}: ${key} has no counterpart`)
  }
  const isEnforced = isTrue(option.enforced) && values.length > 0
  return {
    type: 'string',
    ...(description ? { description } : {}),
    ...(isEnforced ? { enum: values } : values.length > 0 ? { examples: values } : {}),
    ...(regex === null ? {} : { pattern: regex }),
    ...(value === null ? {} : { default: value }),
  }
}
