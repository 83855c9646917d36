import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { MachineRow } from '../../projections/capacity/capacity-rows.js'
import { knownUsage } from '../../projections/run/get-usage.js'
import type { AttemptRow } from '../../projections/run/list-attempts.js'
import { Machine } from '../capacity/capacity.type.js'
import { loadMachine } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import { ResourceUsage } from '../run/run.type.js'
import { Attempt } from './instance.type.js'

@Resolver(() => Attempt)
export class AttemptResolver {
  @FieldResolver(() => Machine, { nullable: true, description: 'Null where its engine needs none.' })
  machine(@Root() { machineId }: AttemptRow, @Ctx() context: Context): Promise<MachineRow | null> | null {
    return machineId === null ? null : loadMachine(machineId, context)
  }

  @FieldResolver(() => ResourceUsage, {
    nullable: true,
    description: 'Null until it has ended, and where nothing was measured.',
  })
  usage(@Root() attempt: AttemptRow): ResourceUsage | null {
    return knownUsage(attempt)
  }
}
