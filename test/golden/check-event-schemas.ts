import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, strictRequired: false })
const validators = new Map<string, ValidateFunction>()

/** Throws unless the data of every event is as schema/events says for its type. Data: parsed, or as stored text. */
export function checkEventSchemas(
  events: Iterable<{ readonly type: string; readonly data?: unknown; readonly dataText?: string }>,
): void {
  for (const { type, data, dataText } of events) {
    const validate = validatorOf(type)
    const value = dataText === undefined ? data : JSON.parse(dataText)
    if (!validate(value)) throw new Error(`${type} is not as its schema says: ${ajv.errorsText(validate.errors)} ${dataText}`)
  }
}

function validatorOf(type: string): ValidateFunction {
  const known = validators.get(type)
  if (known !== undefined) return known
  const text = readFileSync(new URL(`../../schema/events/${type}.json`, import.meta.url), 'utf8')
  const validator = ajv.compile(JSON.parse(text))
  validators.set(type, validator)
  return validator
}
