import type { Noun } from '../noun.js'
import { MachineChangesResolver } from './machine.resolver.js'

/** Changes of machines; they are read with the rest of the capacity. */
export const machineNoun: Noun = { resolvers: [MachineChangesResolver], nodes: [] }
