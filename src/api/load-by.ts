import DataLoader from 'dataloader'
import type { Context } from './context.js'

/**
 * What belongs to a key, null where there is nothing; all keys of one `name` that a step of the operation asks for come
 * by one call of `fetch`. A name always stands for one fetch.
 */
export function loadBy<Value>(
  context: Context,
  name: string,
  key: string,
  fetch: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): Promise<Value | null> {
  const inOrder = async (keys: readonly string[]): Promise<(Value | null)[]> => {
    const found = await fetch(keys)
    return keys.map((each) => found.get(each) ?? null)
  }
  return context.loaders.get(`by:${name}`, () => new DataLoader(inOrder)).load(key)
}

/** Rows by their id. */
export function byId<Row extends { readonly id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
