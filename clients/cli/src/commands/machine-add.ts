import { projectIds } from '../dags/find-project.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { change } from '../graphql/change.js'
import { adviseKey, MACHINE_FIELDS, type Machine } from '../machines/machine.js'
import { findPool } from '../pools/pool.js'
import { withConnection } from '../world.js'
import { type AddCommand, collected, wholeNumber } from './command.js'

const REGISTER_MACHINE = /* GraphQL */ `
  mutation RegisterMachine($input: RegisterMachineInput!) {
    registerMachine(input: $input) { machine { ...MachineFields } userErrors { message code path } }
  }
  ${MACHINE_FIELDS}
`

interface Options {
  readonly host: string
  readonly login: string
  readonly key: string
  readonly port?: number
  readonly fingerprint?: string
  readonly knownHosts?: string
  readonly slots?: number
  readonly label?: string[]
  readonly project?: string[]
  readonly runUser?: string[]
  readonly pool?: string
  readonly json?: boolean
}

interface Payload {
  readonly machine: Machine
}

/** `dagbook machine add NAME`: registers a host over SSH. */
export const addMachineAdd: AddCommand = (parent, world, finish) => {
  parent
    .command('add')
    .description('Register a host that is reached over SSH')
    .argument('<name>', 'its name, for DAG files')
    .requiredOption('--host <host>', 'a host name or an IP address')
    .requiredOption('--login <user>', 'who logs in; tasks run as that user')
    .requiredOption('--key <file>', "the login's private key, - for stdin; the server keeps it encrypted")
    .option('--port <n>', 'default 22', wholeNumber(1, 65_535))
    .option('--fingerprint <SHA256:...>', 'of its host key; without it the key that it shows waits for approve-key')
    .option('--known-hosts <file>', "a known_hosts file that has the host's key, instead of --fingerprint")
    .option('--slots <n>', 'instances at a time, default 4', wholeNumber(0, 10_000))
    .option('--label <label>', 'what it is good for (repeated)', collected)
    .option('--project <name>', 'takes the work of this project only (repeated)', collected)
    .option('--run-user <name>', 'tasks may run as this user, too (repeated)', collected)
    .option('--pool <name>', 'the pool that it belongs to, default: default')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: Options) => {
      const { host, login: loginUser, port, fingerprint: hostKeyFingerprint, slots, label: labels } = options
      const allowedRunUsers = options.runUser
      const privateKey = await readSource(options.key, world.terminal)
      const knownHosts = options.knownHosts && (await readSource(options.knownHosts, world.terminal))
      await withConnection(world, async ({ api }) => {
        const poolId = options.pool === undefined ? undefined : (await findPool(api, options.pool)).id
        const rights = { labels, allowedRunUsers, projectIds: await projectIds(api, options.project ?? []), poolId }
        const login = { host, port, loginUser, privateKey, hostKeyFingerprint, knownHosts }
        const input = { name, ...login, slots, ...rights }
        const { machine } = await change<Payload>(api, REGISTER_MACHINE, input, 'dagbook machine list')
        if (options.json) return world.terminal.json({ machine })
        world.terminal.print(`Registered machine ${machine.name}`)
        adviseKey(world.terminal, machine)
      })
      finish(EXIT.OK)
    })
}
