import pg from 'pg'

/**
 * Makes an empty database and then a CHECKPOINT, so that every measurement begins with the same distance to the next
 * one. Answers its URL and how to drop it.
 */
export async function freshDatabase(serverUrl, name) {
  const drop = `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`
  await onServer(serverUrl, [drop, `CREATE DATABASE ${pg.escapeIdentifier(name)}`, 'CHECKPOINT'])
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(serverUrl, [drop]) }
}

async function onServer(url, statements) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
