import { getSessions, getUsers } from '../../access/list-people.js'
import type { Noun } from '../noun.js'
import { SessionResolver } from './session.resolver.js'
import { SignInResolver } from './sign-in.resolver.js'
import { UserResolver } from './user.resolver.js'

export const peopleNoun: Noun = {
  resolvers: [SignInResolver, UserResolver, SessionResolver],
  nodes: [
    { prefix: 'user', typeName: 'User', load: (ids, { services }) => getUsers(services.database, ids) },
    {
      prefix: 'session',
      typeName: 'Session',
      load: (ids, { services, viewer }) => getSessions(services.database, ids, viewer),
    },
  ],
}
