import type { Verdict, VerdictPlan } from '../../domain/dag/verdict.js'
import type { OutputStream } from '../../machines/machine.js'
import { type CompilePattern, matchRules } from './match-rules.js'
import { readJunit } from './read-junit.js'
import { readTap } from './read-tap.js'
import { ReportError } from './report-error.js'

/** What may be read of a report; the runner keeps one byte more, so that a longer one is known as such. */
export const MAX_REPORT_BYTES = 4_000_000
/** How much of the end of a stream rules look at. */
const MAX_RULE_BYTES = 1_000_000

/** What an attempt left that a verdict may be read in. */
export interface Evidence {
  /** Bytes that the attempt printed. */
  readonly sizes: Readonly<Record<OutputStream, number>>
  /** Bytes of a stream, perhaps fewer than there are; empty when there are no more. */
  read(stream: OutputStream, offset: number, maxBytes: number): Promise<Buffer>
  /** The same of the file that was kept; empty from the beginning: there was none. */
  readReport(offset: number, maxBytes: number): Promise<Buffer>
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why it is UNKNOWN where a report should have told; else null. */
  readonly reason: string | null
}

/** The verdict on an attempt that has ended. Rejects with what reading rejects with; a broken report is UNKNOWN. */
export async function judge(plan: VerdictPlan, evidence: Evidence, compile: CompilePattern): Promise<Judgement> {
  if (plan.from === 'RULES') return { verdict: await byRules(plan, evidence, compile), reason: null }
  const name = plan.path === null ? 'stdout' : plan.path
  const read: Read =
    plan.path === null ? (...part) => evidence.read('STDOUT', ...part) : (...part) => evidence.readReport(...part)
  const bytes = await readUpTo(read, 0, MAX_REPORT_BYTES + 1)
  if (bytes.length === 0) return unknown(`${name} is missing, empty or cannot be read`)
  if (bytes.length > MAX_REPORT_BYTES) return unknown(`${name} has more than ${MAX_REPORT_BYTES} bytes`)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  try {
    return { verdict: await (plan.from === 'JUNIT' ? readJunit(text) : readTap(text)), reason: null }
  } catch (error) {
    if (!(error instanceof ReportError)) throw error
    return unknown(`${name} ${error.message}`)
  }
}

function unknown(why: string): Judgement {
  return { verdict: 'UNKNOWN', reason: `The verdict is unknown: ${why}` }
}

async function byRules(
  { rules, otherwise }: Extract<VerdictPlan, { from: 'RULES' }>,
  evidence: Evidence,
  compile: CompilePattern,
): Promise<Verdict> {
  const printed = { STDOUT: await end(evidence, 'STDOUT'), STDERR: await end(evidence, 'STDERR') }
  return (await matchRules(rules, printed, compile)) ?? otherwise
}

async function end(evidence: Evidence, stream: OutputStream): Promise<string> {
  const from = Math.max(0, evidence.sizes[stream] - MAX_RULE_BYTES)
  return (await readUpTo((...part) => evidence.read(stream, ...part), from, MAX_RULE_BYTES)).toString('utf8')
}

type Read = (offset: number, maxBytes: number) => Promise<Buffer>

/** In pieces, so that a slow connection can answer each in time. */
const CHUNK_BYTES = 256 * 1_024

async function readUpTo(read: Read, from: number, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let got = 0; got < maxBytes; ) {
    const part = await read(from + got, Math.min(maxBytes - got, CHUNK_BYTES))
    if (part.length === 0) break
    parts.push(part)
    got += part.length
  }
  return Buffer.concat(parts)
}
