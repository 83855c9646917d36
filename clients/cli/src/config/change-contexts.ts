import { readContexts, type StoredContexts, writeContexts } from './context-file.js'
import { withFileLock } from './file-lock.js'

/** Replaces the contexts by what `change` makes of them, while no other command does so; answers with the new ones. */
export function changeContexts(
  path: string,
  change: (stored: StoredContexts) => StoredContexts,
): Promise<StoredContexts> {
  return withFileLock(`${path}.lock`, async () => {
    const changed = change(await readContexts(path))
    await writeContexts(path, changed)
    return changed
  })
}
