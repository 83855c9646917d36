import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** How a task of one engine is written that does what every engine can do. */
export interface EngineCase {
  readonly engine: string
  /** Succeeds with `{ "word": <the parameter word>, "rows": <outputs["up"].rows> }` in its output, or under `body` of it. */
  readonly ok: object
  readonly fails: object
  /** Begins, and does not end by itself. */
  readonly hangs: object
  /** What becomes of one that runs when its server goes. */
  readonly afterLoss: 'FOUND_AGAIN' | 'LOST'
}

const OK = `printf '{"word":"%s","rows":%s}' "$DAGBOOK_PARAM_WORD" "$(sed 's/.*"rows":\\([0-9]*\\).*/\\1/' "$DAGBOOK_INPUT")" > "$DAGBOOK_OUTPUT"`

const MODULE = `
export const ok = ({ rows }, { parameters }) => ({ word: parameters.word, rows })
export const fails = () => { throw new Error('no') }
export const hangs = () => new Promise(() => setInterval(() => {}, 1_000))`

/** Shell text and script files, on the machine of that name. */
export async function processCases(machine: string, dir: string): Promise<EngineCase[]> {
  const scripts = { ok: OK, fails: 'exit 3', hangs: 'sleep 600' }
  const written = Object.entries(scripts).map(([name, text]) => writeFile(path.join(dir, `${name}.sh`), `${text}\n`))
  await Promise.all(written)
  const script = (name: string) => ({ script: path.join(dir, `${name}.sh`), machine })
  const run = (text: string) => ({ run: text, machine })
  return [
    { engine: 'shell', ok: run(OK), fails: run('exit 3'), hangs: run('sleep 600'), afterLoss: 'FOUND_AGAIN' },
    { engine: 'script', ok: script('ok'), fails: script('fails'), hangs: script('hangs'), afterLoss: 'FOUND_AGAIN' },
  ]
}

/** Functions of a module that this puts into the folder. */
export async function threadCase(modulesDir: string): Promise<EngineCase> {
  await mkdir(modulesDir, { recursive: true })
  await writeFile(path.join(modulesDir, 'contract.mjs'), MODULE)
  const thread = (name: string, input = {}) => ({ thread: { module: 'contract.mjs', export: name, input } })
  const ok = thread('ok', { rows: { $value: 'outputs["up"].rows' } })
  return { engine: 'thread', ok, fails: thread('fails'), hangs: thread('hangs'), afterLoss: 'LOST' }
}

/** Requests to a server that this starts; `close` ends it. */
export async function httpCase(): Promise<EngineCase & { close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    if (url.pathname === '/hangs') return
    response.writeHead(url.pathname === '/ok' ? 200 : 500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ word: url.searchParams.get('word'), rows: Number(url.searchParams.get('rows')) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const query = { word: { $value: 'parameters.word' }, rows: { $value: 'outputs["up"].rows' } }
  const http = (what: string, more = {}) => ({ http: { method: 'POST', url: `${base}/${what}`, ...more } })
  const cases = { ok: http('ok', { query }), fails: http('fails'), hangs: http('hangs') }
  return { engine: 'http', ...cases, afterLoss: 'LOST', close: () => closed(server) }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
