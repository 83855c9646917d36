import { loadConfig } from '../platform/config.js'
import { APPLICATION_ROLE, openDatabase } from '../platform/database.js'
import { createEncryption } from '../platform/encryption.js'
import { createLogger } from '../platform/logger.js'
import { startEmbeddedPostgres } from '../platform/postgres/embedded-postgres.js'
import { openSecretKey } from '../platform/secret-key.js'
import { rotateSecretKey, ServersRunningError } from './rotate-secret-key.js'

/** `DAGBOOK_NEW_SECRET_KEY=... npm run rotate-secret-key`: exits with 2 when that is not set or servers run. */
async function main(): Promise<void> {
  const config = loadConfig()
  if (config.newSecretKey === null) {
    console.error('Set DAGBOOK_NEW_SECRET_KEY to the key that is to come: 32 characters or more')
    process.exitCode = 2
    return
  }
  const logger = createLogger({ level: config.logLevel })
  const { dataDir } = config
  const from = createEncryption(await openSecretKey({ configured: config.secretKey, dataDir }))
  const to = createEncryption(await openSecretKey({ configured: config.newSecretKey, dataDir }))
  const postgres = config.databaseUrl === null ? await startEmbeddedPostgres({ dataDir, logger }) : null
  const url = config.databaseUrl ?? (postgres?.appUrl as string)
  const database = await openDatabase({ url, role: APPLICATION_ROLE, applicationName: 'dagbook-rotate', logger })
  try {
    const { rotated, kept } = await rotateSecretKey(database, from, to)
    console.log(`${rotated} private keys and secrets were encrypted anew, ${kept} had the new key already`)
    console.log('Next: start every server with DAGBOOK_SECRET_KEY set to the new key')
  } catch (error) {
    if (!(error instanceof ServersRunningError)) throw error
    console.error(`${error.message}; the lease of one that was killed lasts 15 s`)
    process.exitCode = 2
  } finally {
    await database.close()
    await postgres?.stop()
  }
}

await main()
