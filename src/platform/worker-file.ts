import { existsSync } from 'node:fs'

/** A worker thread's module by its path in src/ without extension; where the source itself is run (Jest), the build's. */
export function workerFile(module: string): URL {
  const near = new URL(`../${module}.js`, import.meta.url)
  return existsSync(near) ? near : new URL(`../../dist/src/${module}.js`, import.meta.url)
}
