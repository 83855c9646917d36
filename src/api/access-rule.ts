import { Extensions } from 'type-graphql'
import type { Action } from '../access/policy.js'
import type { Permission } from '../domain/user/user.js'

/**
 * Who may select a field. Checked once per operation, before anything runs:
 * - `public`: everyone, signed in or not;
 * - `signedIn`: everyone signed in (a token: to read); rows are limited in SQL by `visibleProjects`;
 * - `permission:x`: that permission, or ADMIN; `admin`: ADMIN alone;
 * - `action:x`: what the policy says of that action. A role in a project is the resolver's to check (`authorize`), as
 *   only it knows the project;
 * - `self-or-permission:x`: on a nullable field of an object that is a user: null for everyone but that user and those
 *   with the permission.
 */
export type AccessRule =
  | 'public'
  | 'signedIn'
  | 'admin'
  | `permission:${Permission}`
  | `self-or-permission:${Permission}`
  | `action:${Action}`

/** On a class: the rule of each of its fields that has none of its own. On a field, query or mutation: its rule. */
export function Access(rule: AccessRule): MethodDecorator & PropertyDecorator & ClassDecorator {
  return Extensions({ access: rule })
}

/**
 * On a mutation that signs somebody in: `signedIn` rules below it hold for an anonymous caller too. The mutation must
 * be the only root field of its operation and set `context.viewer`.
 */
export function SignsIn(): MethodDecorator & PropertyDecorator & ClassDecorator {
  return Extensions({ signsIn: true })
}
