import { createSecretKey, hkdfSync } from 'node:crypto'
import type { SecretKey } from '../../src/platform/secret-key.js'

/** Of every server of the tests. */
export const secretKey: SecretKey = {
  deriveKey: (purpose) => createSecretKey(Buffer.from(hkdfSync('sha256', 'secret of the tests', '', purpose, 32))),
}
