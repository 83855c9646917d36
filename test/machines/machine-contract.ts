import path from 'node:path'
import { until } from '../helpers/until.js'
import { attemptOf, exitOf, firstLine, readAll, script, settled } from './attempts.js'
import { endingContract } from './ending-contract.js'
import type { Host, MachineUnderTest } from './machine-under-test.js'

/** What every machine promises, whatever it is reached by. */
export function describeMachine(name: string, create: () => Promise<MachineUnderTest>): void {
  describe(name, () => {
    let host: MachineUnderTest
    beforeAll(async () => {
      host = await create()
    })
    afterAll(() => host.close())
    describe('starting', () => startingContract(() => host))
    describe('ending', () => endingContract(() => host))
    describe('reading', () => readingContract(() => host))
    describe('forgetting', () => forgettingContract(() => host))
  })
}

function startingContract(host: Host): void {
  it('gives the command its arguments, a clean environment, its directory and its input', async () => {
    const { machine, dir } = host()
    const attempt = script('pwd; printf "%s|" "$@"; env | cut -d= -f1 | sort | tr "\\n" " "; cat "$DAGBOOK_INPUT"', {
      environment: { MINE: 'x' },
      directory: dir,
      input: '{"a":1}',
    })
    await machine.start({ ...attempt, argv: [...attempt.argv, 'sh', 'a b', '', '$HOME'] })
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0, cause: 'EXITED', escaped: [] })
    const names = 'DAGBOOK_ATTEMPT_TOKEN DAGBOOK_INPUT DAGBOOK_OUTPUT HOME LANG LOGNAME MINE PATH PWD SHELL USER'
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe(`${dir}\na b||$HOME|${names} {"a":1}`)
  })

  it('starts the same fence once', async () => {
    const { machine, dir } = host()
    const record = path.join(dir, 'once')
    const attempt = script(`echo x >> ${record}`)
    const answers = await Promise.all(Array.from({ length: 10 }, () => machine.start(attempt)))
    expect(answers.filter((answer) => answer.kind === 'STARTED')).toHaveLength(1)
    expect(answers.filter((answer) => answer.kind === 'EXISTS')).toHaveLength(9)
    const { stdoutBytes } = await exitOf(machine, attempt)
    expect(stdoutBytes).toBe(0)
    expect(await firstLine(record)).toBe('x')
  })

  it('refuses a lower fence than the host has seen, and names the higher one', async () => {
    const { machine } = host()
    const attempt = attemptOf({ fence: 12 })
    await machine.start(attempt)
    expect(await machine.start({ ...attempt, fence: 9 })).toEqual({ kind: 'FENCED', fence: 12 })
    expect(await machine.probe({ ...attempt, fence: 9 })).toEqual({ kind: 'ABSENT' })
  })

  it('does not start beside an earlier attempt that lives, and starts when that has ended', async () => {
    const { machine } = host()
    const earlier = script('exec sleep 60')
    await machine.start(earlier)
    const later = attemptOf({ instanceId: earlier.instanceId, fence: earlier.fence + 1 })
    expect(await machine.start(later)).toMatchObject({ kind: 'EARLIER_ALIVE', fence: earlier.fence })
    expect(await machine.probe(later)).toEqual({ kind: 'ABSENT' })
    await machine.stop(earlier, 1000)
    expect(await machine.start(later)).toMatchObject({ kind: 'STARTED' })
    expect((await exitOf(machine, later)).exitCode).toBe(0)
  })

  it.each([
    ['NO_DIRECTORY', { directory: '/no/such/place' }],
    ['NO_PROGRAM', { argv: ['no-such-program-anywhere'] }],
    ['NO_PROGRAM', { argv: ['/etc/passwd-not-there'] }],
    ['INVALID', { argv: [] }],
    ['INVALID', { argv: ['a\0b'] }],
    ['INVALID', { environment: { 'A=B': 'x' } }],
    ['INVALID', { instanceId: '../escape' }],
    ['TOO_LARGE', { environment: { BIG: 'x'.repeat(131_072) } }],
    ['TOO_LARGE', { argv: ['echo', ...Array.from({ length: 20 }, () => 'x'.repeat(120_000))] }],
  ])('says %s, and not to try again, for %j', async (code, change) => {
    await expect(host().machine.start(attemptOf(change))).rejects.toMatchObject({ code, isRetryable: false })
  })

  it('takes arguments and environment up to what Linux takes, and an input beyond', async () => {
    const { machine } = host()
    const big = 'x'.repeat(130_000)
    const text = 'wc -c < "$DAGBOOK_INPUT"; printf %s "$BIG" | wc -c; printf %s "$*" | wc -c'
    const attempt = script(text, { environment: { BIG: big }, input: 'i'.repeat(3_000_000) })
    await machine.start({ ...attempt, argv: [...attempt.argv, 'sh', ...Array.from({ length: 13 }, () => big)] })
    await exitOf(machine, attempt)
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe(`3000000\n130000\n${13 * 130_000 + 12}\n`)
  })

  it('runs a program whose name looks like a variable', async () => {
    const { machine, dir } = host()
    const copy = script(`cp /bin/echo ${dir}/a=b`)
    await machine.start(copy)
    await exitOf(machine, copy)
    const attempt = attemptOf({ argv: [`${dir}/a=b`, 'c=d'] })
    await machine.start(attempt)
    await exitOf(machine, attempt)
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe('c=d\n')
  })
}

function readingContract(host: Host): void {
  it('reads bytes from an offset, while it runs and afterwards', async () => {
    const { machine, dir } = host()
    const attempt = script(
      `printf 'abc\\377\\000'; while [ ! -e ${dir}/go ]; do sleep 0.1; done; printf def; printf e >&2`,
    )
    await machine.start(attempt)
    const first = await until('output', async () => {
      const bytes = await machine.read(attempt, 'STDOUT', 1, 100)
      return bytes.length >= 4 ? bytes : null
    })
    expect(first).toEqual(Buffer.from([98, 99, 255, 0]))
    expect(await machine.read(attempt, 'STDOUT', 5, 100)).toHaveLength(0)
    const unknown = attemptOf()
    expect(await Promise.all([attempt, unknown, attempt].map((each) => machine.outputSizes(each)))).toEqual([
      { STDOUT: 5, STDERR: 0 },
      { STDOUT: 0, STDERR: 0 },
      { STDOUT: 5, STDERR: 0 },
    ])
    const go = script(`: > ${dir}/go`)
    await machine.start(go)
    await exitOf(machine, attempt)
    expect(String(await machine.read(attempt, 'STDOUT', 5, 2))).toBe('de')
    expect(String(await machine.read(attempt, 'STDERR', 0, 9))).toBe('e')
    expect(await machine.outputSizes(attempt)).toEqual({ STDOUT: 8, STDERR: 1 })
  })

  it('reads a flood whole', async () => {
    const { machine } = host()
    const attempt = script('seq 1 200000; seq 1 1000 >&2')
    await machine.start(attempt)
    const { stdoutBytes, stderrBytes } = await exitOf(machine, attempt)
    const [out, err] = [await readAll(machine, attempt, 'STDOUT', 100_003), await readAll(machine, attempt, 'STDERR')]
    expect([out.length, err.length]).toEqual([stdoutBytes, stderrBytes])
    expect(out.equals(Buffer.from(Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join('')))).toBe(true)
  })

  it('reads what was written to $DAGBOOK_OUTPUT, one byte more than asked at most, and null for nothing', async () => {
    const { machine } = host()
    const attempt = script('printf 1234567890 > "$DAGBOOK_OUTPUT"')
    await machine.start(attempt)
    await exitOf(machine, attempt)
    expect(String(await machine.readOutput(attempt, 100))).toBe('1234567890')
    expect(await machine.readOutput(attempt, 4)).toHaveLength(5)
    const silent = attemptOf()
    await machine.start(silent)
    await exitOf(machine, silent)
    expect(await machine.readOutput(silent, 10)).toBeNull()
  })

  it('keeps the beginning of a report that the command wrote, also where the command failed', async () => {
    const { machine, dir } = host()
    const attempt = script(`printf 1234567890 > "a 'b'.xml"; exit 3`, { directory: dir, report: "a 'b'.xml" })
    await machine.start(attempt)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 3 })
    expect(String(await machine.readReport(attempt, 0, 100))).toBe('1234567890')
    expect(String(await machine.readReport(attempt, 4, 3))).toBe('567')
    expect(await machine.readReport(attempt, 10, 100)).toHaveLength(0)
    const large = script('head -c 5000000 /dev/zero > large', { directory: dir, report: path.join(dir, 'large') })
    await machine.start(large)
    await exitOf(machine, large)
    expect(await machine.readReport(large, 4_000_000, 100)).toHaveLength(1)
  })

  it('a report that is missing or no file is none, and is not waited for', async () => {
    const { machine, dir } = host()
    for (const make of ['true', 'mkfifo -- -pipe', 'mkdir -- -pipe', 'exec rm -rf "$PWD"']) {
      const attempt = script(`mkdir -p x; cd x; ${make}`, { directory: dir, report: '-pipe' })
      await machine.start(attempt)
      expect((await exitOf(machine, attempt)).cause).toBe('EXITED')
      expect(await machine.readReport(attempt, 0, 100)).toHaveLength(0)
    }
  })

  it('does not follow an output that is a link, nor wait for one that is a pipe', async () => {
    const { machine } = host()
    for (const trick of ['ln -s /etc/passwd', 'mkfifo']) {
      const attempt = script(`${trick} "$DAGBOOK_OUTPUT"`)
      await machine.start(attempt)
      await exitOf(machine, attempt)
      expect(await machine.readOutput(attempt, 100)).toBeNull()
    }
  })
}

function forgettingContract(host: Host): void {
  it('forgets an attempt, but not that it was there', async () => {
    const { machine } = host()
    const attempt = script('echo hello')
    await machine.start(attempt)
    await exitOf(machine, attempt)
    await machine.forget(attempt)
    expect(await machine.probe(attempt)).toEqual({ kind: 'ABSENT' })
    expect(await machine.start(attempt)).toEqual({ kind: 'EXISTS' })
    expect(await machine.start({ ...attempt, fence: 3 })).toEqual({ kind: 'FENCED', fence: attempt.fence })
    await until('its files to go', async () => {
      const bytes = await machine.read(attempt, 'STDOUT', 0, 10)
      return bytes.length === 0
    })
    expect(await machine.start({ ...attempt, fence: 100 })).toMatchObject({ kind: 'STARTED' })
    await settled(machine, { ...attempt, fence: 100 })
  })

  it('does not forget what lives', async () => {
    const { machine } = host()
    const attempt = script('exec sleep 60')
    await machine.start(attempt)
    await expect(machine.forget(attempt)).rejects.toMatchObject({ code: 'BUSY' })
    await machine.stop(attempt, 100)
  })

  it('knows nothing of an attempt that never was', async () => {
    const { machine } = host()
    const attempt = attemptOf()
    expect(await machine.probe(attempt)).toEqual({ kind: 'ABSENT' })
    expect(await machine.read(attempt, 'STDOUT', 0, 10)).toHaveLength(0)
    await machine.forget(attempt)
  })
}
