import { openWiring } from './wiring.js'

/** A dispatcher in a process of its own, which tests kill, stop and continue: `node dispatcher-process.js OPTIONS`. */
const wiring = await openWiring(JSON.parse(process.argv[2] as string))
wiring.dispatch()
process.once('SIGTERM', () => void wiring.stop(2_000).then(() => process.exit(0)))
process.stdout.write(`${wiring.node}\n`)
