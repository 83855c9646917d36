import { getApiTokens } from '../../access/api-tokens.js'
import { getSessions, getUsers } from '../../access/list-people.js'
import type { Noun } from '../noun.js'
import { ApiTokenResolver } from './api-token.resolver.js'
import { PasswordResolver } from './password.resolver.js'
import { SessionResolver } from './session.resolver.js'
import { SignInResolver } from './sign-in.resolver.js'
import { UserResolver } from './user.resolver.js'

export const peopleNoun: Noun = {
  resolvers: [SignInResolver, UserResolver, PasswordResolver, SessionResolver, ApiTokenResolver],
  nodes: [
    { prefix: 'user', typeName: 'User', load: (ids, { services }) => getUsers(services.database, ids) },
    {
      prefix: 'session',
      typeName: 'Session',
      load: (ids, { services, viewer }) => getSessions(services.database, ids, viewer),
    },
    {
      prefix: 'apitoken',
      typeName: 'ApiToken',
      load: (ids, { services, viewer }) => getApiTokens(services.database, ids, viewer),
    },
  ],
}
