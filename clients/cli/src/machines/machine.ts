import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { printFields } from '../output/table.js'
import { moment } from '../output/time.js'
import type { Colour, Terminal } from '../terminal.js'

/** A machine as every command shows it. */
export interface Machine {
  readonly id: string
  readonly name: string
  readonly host: string
  /** 0: a host of servers, which is not logged in to. */
  readonly port: number
  readonly loginUser: string | null
  readonly status: 'ONLINE' | 'OFFLINE' | 'QUARANTINED'
  readonly isDraining: boolean
  readonly slots: number
  readonly runningCount: number
  readonly labels: readonly string[]
  readonly allowedRunUsers: readonly string[]
  readonly pool: { readonly name: string }
  readonly projects: readonly { readonly name: string }[]
  readonly cpuCount: number | null
  readonly memoryMb: number | null
  readonly hostKeyFingerprint: string | null
  readonly offeredHostKeyFingerprint: string | null
  readonly lastSeenAt: string | null
  readonly lastError: string | null
}

export const MACHINE_FIELDS = /* GraphQL */ `
  fragment MachineFields on Machine {
    id name host port loginUser status isDraining slots runningCount labels allowedRunUsers pool { name } projects { name }
    cpuCount memoryMb hostKeyFingerprint offeredHostKeyFingerprint lastSeenAt lastError
  }
`

const MACHINE = /* GraphQL */ `
  query Machine($name: String!) {
    machine(name: $name) { ...MachineFields }
  }
  ${MACHINE_FIELDS}
`

/** The machine of that name. Throws NotFoundFailure. */
export async function findMachine(api: Api, name: string): Promise<Machine> {
  const { data } = await api.query<{ machine: Machine | null }>(MACHINE, { name })
  if (data.machine === null) throw new NotFoundFailure(`Machine ${name}: does not exist`, 'dagbook machine list')
  return data.machine
}

/** What a machine is, a line each; and what to do where something is missing. */
export function printMachine(terminal: Terminal, machine: Machine): void {
  const { name, host, port, loginUser, status, slots, runningCount, labels, projects, cpuCount, memoryMb } = machine
  printFields(terminal, 'MACHINE', name, [
    ['status', `${status}${machine.isDraining ? ', draining' : ''}`],
    ['reached as', port === 0 ? `host of servers ${host}` : `${loginUser}@${host}:${port}`],
    ['pool', machine.pool.name],
    ['slots', `${runningCount} of ${slots} in use`],
    ['labels', labels.join(' ') || null],
    ['run users', machine.allowedRunUsers.join(' ') || null],
    ['projects', projects.map((project) => project.name).join(' ') || 'all'],
    ['cpus', cpuCount === null ? null : String(cpuCount)],
    ['memory', memoryMb === null ? null : `${Math.round(memoryMb)} MB`],
    ['host key', machine.hostKeyFingerprint],
    ['shows', machine.offeredHostKeyFingerprint],
    ['last seen', moment(machine.lastSeenAt)],
    ['last error', machine.lastError],
  ])
  adviseKey(terminal, machine)
}

/** Where the host shows a key that nobody has approved: how to see that it is the right one, and what to type then. */
export function adviseKey(terminal: Terminal, { name, host, port, offeredHostKeyFingerprint }: Machine): void {
  if (offeredHostKeyFingerprint === null) return
  terminal.note(`${host}:${port} shows the host key ${offeredHostKeyFingerprint}, which is not approved.`)
  terminal.note('Compare it with what the host itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
  terminal.note(`Next: dagbook machine approve-key ${name} ${offeredHostKeyFingerprint}`)
}

/** The colour of a machine's status, the same everywhere. */
export function machineColour(status: Machine['status']): Colour {
  return { ONLINE: 'green', OFFLINE: 'gray', QUARANTINED: 'red' }[status] as Colour
}
