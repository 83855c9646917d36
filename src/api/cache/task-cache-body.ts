import type { CacheValueType } from '../../cache/cache.js'
import type { CacheInput } from '../../cache/check-entry.js'
import type { Json } from '../../domain/json.js'
import { BadInputError } from '../bad-input-error.js'
import { JsonScalar } from '../json-scalars.js'
import { CacheValueTypeEnum } from './cache.type.js'

/** What a task sends to set an entry: `{ value, type, expiresInSeconds }`, the last two if it likes. Throws BadInputError. */
export function readCacheBody(body: unknown): Pick<CacheInput, 'value' | 'type' | 'expiresInSeconds'> {
  const { value, type = null, expiresInSeconds = null } = objectOf(body)
  if (value === undefined || value === null) throw new BadInputError('value', 'must be there, and not null')
  if (type !== null && !(typeof type === 'string' && Object.hasOwn(CacheValueTypeEnum, type))) {
    throw new BadInputError('type', `must be one of ${Object.keys(CacheValueTypeEnum).join(', ')}`)
  }
  if (expiresInSeconds !== null && !Number.isInteger(expiresInSeconds)) {
    throw new BadInputError('expiresInSeconds', 'must be a whole number')
  }
  return {
    value: jsonOf(value),
    type: type as CacheValueType | null,
    expiresInSeconds: expiresInSeconds as number | null,
  }
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  throw new BadInputError('body', 'must be a JSON object with a value')
}

/** Within the same bounds as in the API. */
function jsonOf(value: unknown): Json {
  try {
    return JsonScalar.parseValue(value)
  } catch (error) {
    throw new BadInputError('value', `is not taken: ${(error as Error).message}`)
  }
}
