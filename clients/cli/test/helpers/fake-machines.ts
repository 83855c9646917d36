import type { Fake } from './fake-journal.js'

interface Input {
  readonly input: Record<string, unknown>
}

const KEY = `SHA256:${'a'.repeat(43)}`
const NOT_THERE = { message: 'It is not there', code: 'NOT_FOUND', path: ['machineId'] }

/** Machines whose hosts all show the same key, and answer once that is approved. */
export class FakeMachines {
  readonly registered: Record<string, unknown>[] = []
  private readonly machines = new Map<string, Record<string, unknown>>()

  root(): Record<string, unknown> {
    return {
      machine: ({ name }: { name: string }) => this.machines.get(`machine_${name}`) ?? null,
      machines: () => ({ nodes: [...this.machines.values()], pageInfo: { hasNextPage: false, endCursor: null } }),
      registerMachine: ({ input }: Input) => this.register(input),
      updateMachine: ({ input }: Input) =>
        input.hostKeyFingerprint === undefined ? this.update(input) : this.approve(input),
      probeMachine: ({ input }: Input) => this.payload(input, {}),
      removeMachine: ({ input }: Input) => {
        const payload = this.payload(input, {})
        this.machines.delete(String(input.machineId))
        return payload
      },
    }
  }

  private register(input: Record<string, unknown>) {
    this.registered.push(input)
    const id = `machine_${input.name}`
    const { name, host, loginUser, labels = [], allowedRunUsers = [] } = input
    const none = { runningCount: 0, isDraining: false, pool: { name: 'default' }, projects: [], status: 'OFFLINE' }
    const keys = { hostKeyFingerprint: null, offeredHostKeyFingerprint: KEY }
    this.machines.set(id, { id, name, host, loginUser, labels, allowedRunUsers, port: 22, slots: 4, ...none, ...keys })
    return { machine: this.machines.get(id), userErrors: [] }
  }

  private approve(input: Record<string, unknown>) {
    if (input.hostKeyFingerprint === KEY) {
      return this.payload(input, { hostKeyFingerprint: KEY, offeredHostKeyFingerprint: null, status: 'ONLINE' })
    }
    const userErrors = [{ message: 'It shows another key', code: 'CONFLICT', path: ['hostKeyFingerprint'] }]
    return { machine: null, userErrors }
  }

  private update({ machineId, projectIds, poolId, idempotencyKey: _key, privateKey: _secret, ...change }: Fake) {
    const projects = (projectIds as string[] | undefined)?.map((id) => ({ name: id }))
    const linked = { ...(projects && { projects }), ...(poolId !== undefined && { pool: { name: poolId } }) }
    return this.payload({ machineId }, { ...change, ...linked })
  }

  private payload(input: Record<string, unknown>, change: Record<string, unknown>) {
    const machine = this.machines.get(String(input.machineId))
    if (machine === undefined) return { machine: null, userErrors: [NOT_THERE] }
    this.machines.set(String(input.machineId), { ...machine, ...change })
    return { machine: { ...machine, ...change }, userErrors: [] }
  }
}
