import { until } from '../helpers/until.js'
import { attemptOf, exitOf, linesOf, lives, readAll, script } from './attempts.js'
import type { Host } from './machine-under-test.js'

/** How attempts end, by themselves or not, and that nothing of them is left. */
export function endingContract(host: Host): void {
  it.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
  ])('reports %s as %d', async (text, exitCode) => {
    const { machine } = host()
    const attempt = script(text)
    await machine.start(attempt)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode, cause: 'EXITED' })
  })

  it('measures cpu and duration, and counts the bytes of both streams', async () => {
    const { machine } = host()
    const attempt = script('i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo out; echo error >&2')
    await machine.start(attempt)
    const exit = await exitOf(machine, attempt)
    expect(exit).toMatchObject({ stdoutBytes: 4, stderrBytes: 6 })
    expect(exit.cpuSeconds).toBeGreaterThan(0.02)
    expect(exit.durationMs).toBeGreaterThan(20)
  })

  it('calls back when an attempt ends', async () => {
    const { machine } = host()
    const attempt = attemptOf()
    const called = new Promise<unknown>((resolve) => {
      const off = machine.onExit((ended) => {
        if (ended.instanceId !== attempt.instanceId) return
        off()
        resolve(ended)
      })
    })
    await machine.start(attempt)
    expect(await called).toEqual({ instanceId: attempt.instanceId, fence: attempt.fence })
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'EXITED' })
  })

  it('ends it at its timeout, children included, also those that left and those that ignore TERM', async () => {
    const { machine, dir } = host()
    const pids = `${dir}/timeout-pids`
    const stubborn = `trap "" TERM; echo $$ >> ${pids}; while :; do sleep 1; done`
    const attempt = script(`setsid sh -c '${stubborn}' & (setsid sleep 61 &) & echo $$ >> ${pids}; sleep 60`, {
      timeoutMs: 3_000,
      graceMs: 300,
    })
    await machine.start(attempt)
    const exit = await exitOf(machine, attempt)
    expect(exit).toMatchObject({ exitCode: 143, cause: 'TIMED_OUT' })
    expect(exit.escaped.some((line) => line.endsWith(' sleep'))).toBe(true)
    expect(exit.escaped.some((line) => line.endsWith(' sh'))).toBe(true)
    expect(await Promise.all((await linesOf(pids)).map(lives))).toEqual([false, false])
  })

  it('stops with TERM first, and resolves when nothing lives', async () => {
    const { machine } = host()
    const attempt = script('trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.1; done')
    await machine.start(attempt)
    await until('ready', async () => (await readAll(machine, attempt, 'STDOUT')).length > 0)
    await machine.stop(attempt, 5000)
    const report = await machine.probe(attempt)
    expect(report).toMatchObject({ kind: 'EXITED', exit: { exitCode: 5, cause: 'STOPPED' } })
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe('ready\nbye\n')
  })

  it('stops with KILL what ignores TERM, after the grace', async () => {
    const { machine } = host()
    const attempt = script('trap "" TERM; echo $$; while :; do sleep 1; done')
    const answer = await machine.start(attempt)
    await until('ready', async () => (await readAll(machine, attempt, 'STDOUT')).length > 0)
    await machine.stop(attempt, 200)
    expect(await machine.probe(attempt)).toMatchObject({ kind: 'EXITED', exit: { exitCode: 137, cause: 'STOPPED' } })
    expect(answer.kind === 'STARTED' && (await lives(answer.pid))).toBe(false)
  })

  it('keeps the true end of what ended before it was stopped', async () => {
    const { machine } = host()
    const attempt = script('exit 3')
    await machine.start(attempt)
    await exitOf(machine, attempt)
    await machine.stop(attempt, 100)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 3, cause: 'EXITED' })
  })

  it('never starts what was stopped before its start', async () => {
    const { machine, dir } = host()
    const attempt = script(`echo x > ${dir}/never`)
    await machine.stop(attempt, 100)
    expect(await machine.start(attempt)).toEqual({ kind: 'EXISTS' })
    expect(await machine.probe(attempt)).toEqual({ kind: 'ABSENT' })
    expect(await linesOf(`${dir}/never`)).toEqual([])
  })

  it('ends what the command left behind, and reports it', async () => {
    const { machine, dir } = host()
    const double = `setsid sh -c 'sleep 63 > /dev/null & echo $! >> ${dir}/left' < /dev/null`
    const attempt = script(
      `sleep 62 & echo $! >> ${dir}/left; (${double} &); while [ $(wc -l < ${dir}/left) -lt 2 ]; do :; done`,
    )
    await machine.start(attempt)
    const exit = await exitOf(machine, attempt)
    const pids = await linesOf(`${dir}/left`)
    expect(exit).toMatchObject({ exitCode: 0, cause: 'EXITED' })
    expect(exit.escaped.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(pids))
    expect(await Promise.all(pids.map(lives))).toEqual([false, false])
  })

  it('finds the only one left, in a session of its own', async () => {
    const { machine, dir } = host()
    const child = `setsid sh -c 'echo $$ > ${dir}/alone; exec sleep 65' > /dev/null 2>&1`
    const attempt = script(`${child} & until [ -s ${dir}/alone ]; do sleep 0.01; done`)
    await machine.start(attempt)
    const exit = await exitOf(machine, attempt)
    const [pid = ''] = await linesOf(`${dir}/alone`)
    expect(exit.escaped.map((line) => line.split(' ')[0])).toEqual([pid])
    expect(await lives(pid)).toBe(false)
  })

  it('finds a child that cleared its environment but stayed in the session', async () => {
    const { machine, dir } = host()
    const attempt = script(`env -i sleep 64 & echo $! > ${dir}/cleared; sleep 0.2`)
    await machine.start(attempt)
    const exit = await exitOf(machine, attempt)
    const [pid = ''] = await linesOf(`${dir}/cleared`)
    expect(exit.escaped).toEqual([`${pid} sleep`])
    expect(await lives(pid)).toBe(false)
  })

  it('lets a command react to an interrupt as usual', async () => {
    const { machine } = host()
    const attempt = script('kill -INT $$; echo survived')
    await machine.start(attempt)
    expect((await exitOf(machine, attempt)).exitCode).toBe(130)
  })
}
