import { createHash } from 'node:crypto'

/** SHA-256 of a DAG file's exact text (UTF-8), as 64 lower-case hex digits: an unchanged file is no new version. */
export function sourceChecksum(source: string): string {
  return createHash('sha256').update(source, 'utf8').digest('hex')
}
