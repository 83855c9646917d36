/**
 * `npm start`: builds what has changed (nothing, and without starting the compiler, when the build is fresh), then is
 * the server. In this process and not in a child: there is nobody to pass a signal on twice or not at all, kill -9
 * leaves no orphan, and the server's exit code is this command's.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'dist/src/main.js')

/** What a build reads, for each file that the build writes last. */
const BUILDS = [
  ['dist/.tsbuildinfo', ['src', 'migrations', 'tsconfig.json', 'tsconfig.base.json']],
  ['clients/cli/dist/.tsbuildinfo', ['clients/cli/src', 'clients/cli/tsconfig.json', 'tsconfig.base.json']],
]

/** The newest change below a path, in ms; folders count too, because a removed file changes only its folder. */
function newestChangeMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChangeMs(join(path, name))), stat.mtimeMs)
}

function isFresh([result, sources]) {
  const built = statSync(join(root, result), { throwIfNoEntry: false })
  return built !== undefined && sources.every((source) => newestChangeMs(join(root, source)) <= built.mtimeMs)
}

function build() {
  if (statSync(main, { throwIfNoEntry: false }) && BUILDS.every(isFresh)) return
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '--build'], { cwd: root, stdio: 'inherit' })
  if (status === 0) return
  // The compiler also leaves a result when it finds errors; without it the next start looks again.
  rmSync(join(root, BUILDS[0][0]), { force: true })
  process.exit(status ?? 1)
}

build()
process.setSourceMapsEnabled(true)
process.argv[1] = main
await import(pathToFileURL(main).href)
