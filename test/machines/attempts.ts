import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { AttemptExit, AttemptRef, AttemptReport, AttemptSpec, Machine } from '../../src/machines/machine.js'
import { until } from '../helpers/until.js'

/** A folder of its own for one test file: spool and recorder files. */
export async function makeFolder(): Promise<{ readonly dir: string; readonly remove: () => Promise<void> }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'dagbook-machines-'))
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

/** An attempt of a new instance: `true`, unless said otherwise. */
export function attemptOf(change: Partial<AttemptSpec> = {}): AttemptSpec {
  return {
    instanceId: `instance_${randomUUID().replaceAll('-', '')}`,
    fence: 7,
    argv: ['true'],
    environment: {},
    directory: null,
    input: '{}',
    timeoutMs: null,
    graceMs: 2000,
    ...change,
  }
}

/** Shell text as an attempt. */
export function script(text: string, change: Partial<AttemptSpec> = {}): AttemptSpec {
  return attemptOf({ argv: ['sh', '-c', text], ...change })
}

/** The end of an attempt, once it is there; other final answers are an error. */
export async function exitOf(machine: Machine, attempt: AttemptRef): Promise<AttemptExit> {
  const report = await settled(machine, attempt)
  if (report.kind !== 'EXITED') throw new Error(`The attempt did not exit: ${JSON.stringify(report)}`)
  return report.exit
}

/** What is reported once the attempt does not run any more. */
export function settled(machine: Machine, attempt: AttemptRef): Promise<AttemptReport> {
  return until(`the end of ${attempt.instanceId}`, async () => {
    const report = await machine.probe(attempt)
    return report.kind === 'RUNNING' ? null : report
  })
}

/** A whole stream, in pieces. */
export async function readAll(machine: Machine, attempt: AttemptRef, stream: 'STDOUT' | 'STDERR', piece = 1 << 20) {
  const pieces: Buffer[] = []
  for (let offset = 0; ; ) {
    const bytes = await machine.read(attempt, stream, offset, piece)
    if (bytes.length === 0) return Buffer.concat(pieces)
    pieces.push(bytes)
    offset += bytes.length
  }
}

/** The lines of a file that commands wrote to; none when it is not there yet. */
export async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

/** Whether a process lives (a zombie does not). */
export async function lives(pid: number | string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat !== null && !/\) [ZX] /.test(stat)
}

/** The first line of a file, once a command has written it. */
export function firstLine(file: string): Promise<string> {
  return until(file, async () => (await linesOf(file))[0])
}
