import type { Plan } from '../../../src/domain/dag/plan.js'
import type { RunCommand } from '../../../src/domain/run/commands.js'
import { execute } from '../../../src/domain/run/execute.js'
import { NO_RUN, type OpenRun } from '../../../src/domain/run/state.js'
import { dag, ended, evaluateNothing, NODE, request } from './run-spec.js'

const WIDTH = 10_000
const CONTEXT = { now: 0, random: 0, evaluate: evaluateNothing }

/** A started run whose arrays of one entry per task count every element that is read or written. */
class CountedRun {
  touched = 0
  private state: OpenRun

  constructor(plan: Plan) {
    const started = execute(request(plan), NO_RUN, CONTEXT)
    if ('rejections' in started) throw new Error(started.rejections[0]?.message)
    const state = started.state as OpenRun
    this.state = {
      ...state,
      plan: { ...plan, tasks: this.counted(plan.tasks) },
      downstream: this.counted(state.downstream),
      instances: this.counted(state.instances),
      ready: { ...state.ready, entries: this.counted(state.ready.entries) },
      doomed: { ...state.doomed, entries: this.counted(state.doomed.entries) },
    }
  }

  /** How many elements a command touches, and how many events it leads to. */
  cost(command: RunCommand): { touched: number; events: number } {
    this.touched = 0
    const executed = execute(command, this.state, CONTEXT)
    if ('rejections' in executed) throw new Error(executed.rejections[0]?.message)
    this.state = executed.state as OpenRun
    return { touched: this.touched, events: executed.events.length }
  }

  /** The cost of the report that ends a task, after it was dispatched. */
  costOfEnd(task: string): { touched: number; events: number } {
    this.cost({ type: 'DispatchInstance', task, node: NODE, machineId: null })
    return this.cost({ ...ended(task, 'SUCCEEDED'), fence: this.state.version } as RunCommand)
  }

  private counted<Entry>(entries: readonly Entry[]): Entry[] {
    const isElement = (key: string | symbol) => typeof key === 'string' && /^\d+$/.test(key)
    const count = (key: string | symbol) => {
      if (isElement(key)) this.touched += 1
    }
    return new Proxy([...entries], {
      get: (target, key, receiver) => {
        count(key)
        return Reflect.get(target, key, receiver)
      },
      set: (target, key, value, receiver) => {
        count(key)
        return Reflect.set(target, key, value, receiver)
      },
    })
  }
}

const keys = Array.from({ length: WIDTH }, (_, at) => `t${at}`)
const wide = Object.fromEntries(keys.map((key) => [key, []]))

describe('the end of one instance among ten thousand touches', () => {
  it('a handful of entries where nothing comes after it', () => {
    const run = new CountedRun(dag(wide))
    const { touched, events } = run.costOfEnd('t5000')
    expect(events).toBe(2)
    expect(touched).toBeLessThan(20)
  })

  it('a handful where thousands wait for a slot', () => {
    const run = new CountedRun(dag(wide, { maxParallel: 2 }))
    for (const task of ['t0', 't1', 't2', 't3']) {
      const { touched, events } = run.costOfEnd(task)
      expect(events).toBe(3)
      expect(touched).toBeLessThan(40)
    }
  })

  it('as many as it has dependants, where it has some', () => {
    const after = (count: number) => Object.fromEntries(keys.slice(0, count).map((key) => [`${key}-after`, ['t0']]))
    const cost = (count: number) => {
      const { touched, events } = new CountedRun(dag({ ...wide, ...after(count) })).costOfEnd('t0')
      expect(events).toBe(2 + count)
      return touched
    }
    const perDependant = (cost(200) - cost(100)) / 100
    expect(perDependant).toBeLessThan(15)
    expect(cost(1_000)).toBeLessThan(cost(0) + 1_000 * perDependant + 20)
  })

  it('a handful where it is one of ten thousand that one task waits for', () => {
    const run = new CountedRun(dag({ ...wide, join: keys }))
    const { touched, events } = run.costOfEnd('t7')
    expect(events).toBe(2)
    expect(touched).toBeLessThan(20)
  })

  it('as many as it ends, where ten thousand in a row can go on no more', () => {
    const chain = Object.fromEntries(keys.map((key, at) => [key, at === 0 ? [] : [`t${at - 1}`]]))
    const run = new CountedRun(dag({ ...chain, other: [] }))
    run.cost({ type: 'DispatchInstance', task: 't0', node: NODE, machineId: null })
    const { touched, events } = run.cost({ ...ended('t0', 'FAILED'), fence: 5 } as RunCommand)
    expect(events).toBe(WIDTH + 1)
    expect(touched / events).toBeLessThan(25)
  })
})
