import { readdir, readFile } from 'node:fs/promises'

/** The DAG files that come with this program, in the order of their names. */
export async function exampleSources(): Promise<string[]> {
  const folder = new URL('../../../examples/', import.meta.url)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  return Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))
}
