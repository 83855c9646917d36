import { existsSync, readFileSync } from 'node:fs'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { JsonObject } from '../domain/json.js'

let validate: ValidateFunction | null = null

/** The published schema of the DAG file, `schema/dag.schema.json`: the single source of its structure. */
export function dagSchema(): JsonObject {
  return JSON.parse(readFileSync(schemaFile(), 'utf8')) as JsonObject
}

/** Every way in which a value departs from the published schema, in Ajv's words and with the schema beside the error. */
export function schemaErrors(value: unknown): ErrorObject[] {
  validate ??= compile()
  return validate(value) ? [] : [...(validate.errors ?? [])]
}

function compile(): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    verbose: true,
  })
  ajv.addVocabulary(['x-must', 'x-default', 'x-engines'])
  return ajv.compile(dagSchema())
}

/** The source runs from src/definitions, the build from dist/src/definitions. */
function schemaFile(): URL {
  const near = new URL('../../schema/dag.schema.json', import.meta.url)
  return existsSync(near) ? near : new URL('../../../schema/dag.schema.json', import.meta.url)
}
