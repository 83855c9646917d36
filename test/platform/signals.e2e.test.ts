import { Program } from './run-program.js'

const SERVE = `
  import { Lifecycle } from './platform/lifecycle.js'
  import { createLogger } from './platform/logger.js'
  import { stopOnSignals } from './platform/signals.js'
  const lifecycle = new Lifecycle(createLogger({ level: 'silent' }))
  let end
  stopOnSignals(lifecycle)
  await lifecycle.begin({ name: 'first', start: () => undefined, stop: () => console.log('stopped') })
  await lifecycle.begin({
    name: 'work',
    start: () => { setInterval(() => undefined, 1000) },
    stop: () => { console.log('draining'); return new Promise((resolve) => { if (!HANGS) resolve() }) },
  })
  console.log('ready')
`

async function serve(hangs: boolean): Promise<Program> {
  const program = Program.run(SERVE.replace('HANGS', String(hangs)))
  await program.line(/^ready$/)
  return program
}

describe('stopOnSignals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order and ends with 0 on %s', async (signal) => {
    const program = await serve(false)
    process.kill(program.pid, signal)
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.lines).toEqual(['ready', 'draining', 'stopped'])
  })

  it('takes a second signal within a second for the same wish, as npm sends it', async () => {
    const program = await serve(false)
    process.kill(program.pid, 'SIGINT')
    process.kill(program.pid, 'SIGTERM')
    expect(await program.ended).toEqual({ code: 0, signal: null })
    expect(program.lines).toEqual(['ready', 'draining', 'stopped'])
  })

  it('ends at once when it is asked again after that', async () => {
    const program = await serve(true)
    process.kill(program.pid, 'SIGTERM')
    await program.line(/^draining$/)
    const asking = setInterval(() => process.kill(program.pid, 'SIGINT'), 100)
    expect(await program.ended).toEqual({ code: 130, signal: null })
    clearInterval(asking)
    expect(program.lines).toEqual(['ready', 'draining'])
  })
})
