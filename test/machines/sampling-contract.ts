import type { AttemptRef, AttemptSample, Machine } from '../../src/machines/machine.js'
import { until } from '../helpers/until.js'
import { exitOf, script } from './attempts.js'
import type { Host } from './machine-under-test.js'

const MB = 1_000_000
/** A failed test leaves nothing busy. */
const BOUNDED = { timeoutMs: 120_000 }

/** Every sample of the attempt from now on. */
export function samplesOf(machine: Machine, attempt: AttemptRef): AttemptSample[] {
  const samples: AttemptSample[] = []
  machine.onSample(attempt, (sample) => samples.push(sample))
  return samples
}

/** Waits for a sample that shows it. */
export function shown(samples: readonly AttemptSample[], what: string, shows: (sample: AttemptSample) => boolean) {
  return until(what, () => samples.find(shows))
}

/** What a machine tells of attempts that run. */
export function samplingContract(host: Host): void {
  it('shows that an attempt takes a core, and how its host stands', async () => {
    const { machine } = host()
    const attempt = script('while :; do :; done', BOUNDED)
    const samples = samplesOf(machine, attempt)
    await machine.start(attempt)
    const { host: of, ...sample } = await shown(samples, 'a busy core', ({ cpuPercent }) => cpuPercent > 20)
    expect(sample).toMatchObject({ instanceId: attempt.instanceId, fence: attempt.fence, processes: 1, threads: 1 })
    expect(sample.coveredMs).toBeGreaterThan(0)
    expect(of.cpus).toBeGreaterThan(0)
    expect(of.memoryBytes).toBeGreaterThan(of.availableBytes ?? Number.POSITIVE_INFINITY)
    await machine.stop(attempt, 100)
  })

  it('shows the memory that an attempt holds, and where it writes', async () => {
    const { machine, dir } = host()
    const hold = `x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo "\${#x}" > ${dir}/held; sleep 600 & wait`
    const attempt = script(hold)
    const samples = samplesOf(machine, attempt)
    await machine.start(attempt)
    const sample = await shown(samples, '200 MB', ({ memoryBytes }) => memoryBytes >= 200 * MB)
    expect(sample.memoryBytes).toBeLessThan(4_000 * MB)
    expect([typeof sample.diskReadBytes, typeof sample.diskWriteBytes]).toEqual(['number', 'number'])
    await machine.stop(attempt, 100)
  })

  it('counts children, also those that left the session and those that cleared their environment', async () => {
    const { machine } = host()
    const attempt = script('sleep 600 & env -i sleep 601 & setsid sleep 602 & wait')
    const samples = samplesOf(machine, attempt)
    await machine.start(attempt)
    const { threads } = await shown(samples, 'four processes', ({ processes }) => processes === 4)
    expect(threads).toBe(4)
    await machine.stop(attempt, 100)
  })

  it('counts the cpu of children that have ended', async () => {
    const { machine } = host()
    const busy = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
    const attempt = script(`while :; do sh -c '${busy}'; done`, BOUNDED)
    const samples = samplesOf(machine, attempt)
    await machine.start(attempt)
    await shown(samples, 'the work of children', ({ cpuPercent }) => cpuPercent > 20)
    await machine.stop(attempt, 100)
  })

  it('measures an attempt only while it lives', async () => {
    const { machine } = host()
    const [short, long] = [script('sleep 1.5'), script('sleep 600')]
    const [ofShort, ofLong] = [samplesOf(machine, short), samplesOf(machine, long)]
    await Promise.all([machine.start(short), machine.start(long)])
    await exitOf(machine, short)
    const ended = ofLong.length
    // Whatever was on its way has come with the first of these.
    await until('another round', () => ofLong.length > ended + 1)
    const seen = ofShort.length
    await until('two more rounds', () => ofLong.length > ended + 3)
    expect(ofShort).toHaveLength(seen)
    await machine.stop(long, 100)
  })
}
