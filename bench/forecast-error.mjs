/**
 * How far off forecasts are: `node bench/forecast-error.mjs FILE...` (recorded workflows, WfFormat 1.5; needs a build).
 * The recorded runtimes are the usual ones. Each of 5 earlier runs and the run in question take them times a log-normal
 * factor (sigma 0.1, 0.3 and 0.6) of their own for every task. The forecast is made from the medians of the earlier runs at the
 * start, and when a quarter, half and three quarters of the run are over; the error is |forecast - what it took| as a share of
 * the whole run: the median and the 90th percentile of 200 runs, with 8 slots.
 */
import { readFile } from 'node:fs/promises'
import { playOut, secondsLeft } from '../dist/src/domain/run/forecast.js'
import { median } from './lib/statistics.mjs'

const SLOTS = { parallel: Number.POSITIVE_INFINITY, slots: 8 }
const RUNS = 200
const EARLIER = 5
const MOMENTS = [0, 0.25, 0.5, 0.75]

let seed = 1
/** Repeatable: mulberry32. */
function random() {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

function factor(sigma) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.exp(sigma * normal)
}

async function readTasks(file) {
  const { workflow } = JSON.parse(await readFile(file, 'utf8'))
  const { tasks } = workflow.specification
  const runtimes = new Map(workflow.execution.tasks.map(({ id, runtimeInSeconds }) => [id, runtimeInSeconds]))
  const ordinals = new Map(tasks.map(({ id }, at) => [id, at]))
  const needs = tasks.map(({ parents }) => new Set(parents.map((id) => ordinals.get(id))))
  tasks.forEach(({ children }, at) => {
    for (const id of children) needs[ordinals.get(id)]?.add(at)
  })
  return tasks.map(({ id }, at) => ({ seconds: runtimes.get(id) ?? 0, needs: [...needs[at]] }))
}

const toCome = (task, expected) => ({ needs: task.needs, takesSlot: true, expected, startedAt: null, endedAt: null })

/** The run as it stands at that moment of its, with what is expected of it. */
function seenAt(tasks, times, usual, moment) {
  return tasks.map((task, at) => {
    const { startsAt, endsAt } = times[at]
    if (startsAt >= moment && moment === 0) return toCome(task, usual[at])
    if (startsAt > moment) return toCome(task, usual[at])
    const endedAt = endsAt <= moment ? endsAt - moment : null
    return { ...toCome(task, usual[at]), startedAt: startsAt - moment, endedAt }
  })
}

function errorsOf(tasks, sigma) {
  const usual = tasks.map(({ seconds }) => median(Array.from({ length: EARLIER }, () => seconds * factor(sigma))))
  const times = playOut(
    tasks.map((task) => toCome(task, task.seconds * factor(sigma))),
    SLOTS,
  )
  const whole = secondsLeft(times)
  return MOMENTS.map((share) => {
    const moment = share * whole
    const forecast = secondsLeft(playOut(seenAt(tasks, times, usual, moment), SLOTS))
    return Math.abs(forecast - (whole - moment)) / whole
  })
}

const percent = (share) => `${(share * 100).toFixed(1)} %`.padStart(7)

for (const file of process.argv.slice(2)) {
  const tasks = await readTasks(file)
  process.stdout.write(`${file.split('/').at(-1)}: ${tasks.length} tasks\n`)
  for (const sigma of [0.1, 0.3, 0.6]) {
    const errors = Array.from({ length: RUNS }, () => errorsOf(tasks, sigma))
    const cells = MOMENTS.map((_, at) => {
      const sorted = errors.map((each) => each[at]).sort((a, b) => a - b)
      return `${percent(median(sorted))} (p90 ${percent(sorted[Math.floor(RUNS * 0.9)]).trim()})`
    })
    process.stdout.write(`  sigma ${sigma}: start ${cells[0]}, 25 % ${cells[1]}, 50 % ${cells[2]}, 75 % ${cells[3]}\n`)
  }
}
