import { percentile } from './statistics.mjs'

/**
 * What a variant's process is told on its command line: the URL of a fresh database, which variant it is, how much to do
 * (instances, steps, or milliseconds; the benchmark says which), and in which file to leave a profile (profile.mjs).
 */
export function task() {
  const [url, variant, size, profileFile = null] = process.argv.slice(2)
  return { url, variant, size: Number(size), profileFile }
}

/** Hands the variant's measures to the runner, as its last line of JSON, and ends the process. */
export function finish(measures, detail = {}) {
  process.stdout.write(`${JSON.stringify({ measures, detail })}\n`, () => process.exit(0))
}

/** Median and 99th percentile of durations in ms. */
export function latency(durationsMs) {
  return { p50: percentile(durationsMs, 50), p99: percentile(durationsMs, 99) }
}

/** The time from each instant to the next. */
export function gaps(instants) {
  return instants.slice(1).map((instant, index) => instant - instants[index])
}

/** `count` calls in loops that never hold more than `width` at a time. */
export async function inFlight(count, width, work) {
  let next = 0
  const loop = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, loop))
}

/** Loops for that long; `work(loop, turn)` answers how much it did. Answers the amount per second, to the last answer. */
export async function ratePerSecond(durationMs, loops, work) {
  const begin = performance.now()
  let amount = 0
  const loop = async (_, index) => {
    for (let turn = 0; performance.now() - begin < durationMs; turn += 1) {
      // Not `amount += await ...`: that reads the amount before the wait, and loses what others added meanwhile.
      const done = await work(index, turn)
      amount += done
    }
  }
  await Promise.all(Array.from({ length: loops }, loop))
  return amount / ((performance.now() - begin) / 1_000)
}

/** Counts `total` calls of `tick`; `all` resolves at the last one. */
export function counter(total) {
  const { promise: all, resolve } = withResolvers()
  let seen = 0
  let firstAt = 0
  let lastAt = 0
  return {
    all,
    tick() {
      seen += 1
      if (seen === 1) firstAt = performance.now()
      if (seen !== total) return
      lastAt = performance.now()
      resolve()
    },
    /** From the first to the last. */
    rate: () => (total - 1) / ((lastAt - firstAt) / 1_000),
  }
}

/** Node 20 has no Promise.withResolvers. */
export function withResolvers() {
  const result = {}
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }))
  return result
}
