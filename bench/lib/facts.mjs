import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import os from 'node:os'

/** What the numbers were measured on and with. */
export async function facts(postgres, peers) {
  const versions = await Promise.all(peers.map(async (name) => `${name} ${await versionOf(name)}`))
  return {
    machine: `${os.availableParallelism()} x ${os.cpus()[0]?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${os.type()} ${os.release()} ${os.arch()}, Node.js ${process.versions.node}`,
    postgres: `PostgreSQL ${postgres.version} (${postgres.kind}), fsync, synchronous_commit and full_page_writes on`,
    peers: versions.join(', '),
  }
}

/** Of a peer of the benchmarks' own, or of what Dagbook itself stands on. */
async function versionOf(name) {
  const read = (top) => readFile(new URL(`${top}/node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return JSON.parse(await read('..').catch(() => read('../..'))).version
}

/** How much a fixed piece of work gets done in 200 ms: tells how busy others kept the machine when a variant began. */
export function cpuProbe() {
  const begin = performance.now()
  const bytes = Buffer.alloc(4_096)
  let count = 0
  for (; performance.now() - begin < 200; count += 1) createHash('sha256').update(bytes).digest()
  return { hashesPerSecond: count * 5, load: Number(os.loadavg()[0].toFixed(2)) }
}
