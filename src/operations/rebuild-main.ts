import { loadConfig } from '../platform/config.js'
import { createLogger } from '../platform/logger.js'
import { startEmbeddedPostgres } from '../platform/postgres/embedded-postgres.js'
import type { TableDifference } from './compare-tables.js'
import { rebuild } from './rebuild.js'

const UNDEFINED_TABLE = '42P01'

/**
 * `npm run rebuild -- [--check]`: exits with 1 when a check finds a difference, and with 2 for an unknown argument or a
 * database that has no tables of Dagbook.
 */
async function main(): Promise<void> {
  const isCheck = process.argv.includes('--check')
  const unknown = process.argv.slice(2).filter((argument) => argument !== '--check')
  if (unknown.length > 0) {
    console.error(`Unknown argument ${unknown[0]}; npm run rebuild -- [--check]`)
    process.exitCode = 2
    return
  }
  const config = loadConfig()
  const logger = createLogger({ level: config.logLevel })
  const postgres =
    config.databaseOwnerUrl === null ? await startEmbeddedPostgres({ dataDir: config.dataDir, logger }) : null
  try {
    const ownerUrl = config.databaseOwnerUrl ?? (postgres?.ownerUrl as string)
    const { position, tables } = await rebuild({ ownerUrl, isCheck, logger })
    if (isCheck) printCheck(position, tables)
    else console.log(`Every projection was rebuilt up to position ${position}`)
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error
    console.error('This database has no tables of Dagbook: is DAGBOOK_DATA_DIR or DATABASE_URL that of your server?')
    process.exitCode = 2
  } finally {
    await postgres?.stop()
  }
}

function printCheck(position: number, tables: readonly TableDifference[]): void {
  for (const { table, liveRows, rebuiltRows, onlyLive, onlyRebuilt, examples } of tables) {
    const verdict = onlyLive + onlyRebuilt === 0 ? 'equal' : `${onlyLive} only live, ${onlyRebuilt} only rebuilt`
    console.log(
      `${table.padEnd(16)} ${String(liveRows).padStart(9)} live ${String(rebuiltRows).padStart(9)} rebuilt  ${verdict}`,
    )
    for (const example of examples) console.log(`  ${example}`)
  }
  const count = tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0).length
  console.log(count === 0 ? `All equal at position ${position}` : `${count} tables differ at position ${position}`)
  if (count > 0) process.exitCode = 1
}

await main()
