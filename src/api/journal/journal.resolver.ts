import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { readHead } from '../../history/read-events.js'
import { readOldestPosition } from '../../history/read-page.js'
import { readChecks } from '../../projections/read-checks.js'
import { PROJECTIONS } from '../../projections/registry.js'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { PositionScalar } from '../scalars.js'
import { Journal, ProjectionHealth } from './journal.type.js'

@Resolver(() => Journal)
export class JournalResolver {
  @Access('signedIn')
  @Query(() => Journal, { description: 'Where the history stands.' })
  async journal(@Ctx() { services }: Context): Promise<Journal> {
    return { headPosition: await readHead(services.database.pool) }
  }

  @FieldResolver(() => PositionScalar, { description: 'Events before it are archived.' })
  oldestOnlinePosition(@Ctx() { services }: Context): Promise<number> {
    return readOldestPosition(services.database.pool)
  }

  @FieldResolver(() => [ProjectionHealth], { description: 'Every read model; fewer than 100.' })
  async projections(@Root() { headPosition }: Journal, @Ctx() { services }: Context): Promise<ProjectionHealth[]> {
    const checks = await readChecks(services.database.pool)
    return PROJECTIONS.map(({ name }) => {
      const { matchesReplay = null, checkedAt = null } = checks.get(name) ?? {}
      return { name, position: headPosition, lag: 0, matchesReplay, checkedAt }
    })
  }
}
