import { PROJECT_ROLES } from '../domain/project/project.js'
import { type Need, POLICY } from './policy.js'

/** What each action is, for people to read. The compiler misses none. */
const MEANING: { readonly [Action in keyof typeof POLICY]: string } = {
  createProject: 'make a project, and become its OWNER',
  readProject: 'read a project: DAGs, runs, output, events, names of secrets',
  triggerRun: 'start runs and reruns',
  runInlineTask: 'run a task that nobody has published',
  steerRun: 'cancel, pause, resume, retry, force, change the priority of a run',
  writeCache: "set and delete entries of a run's cache",
  publishDag: 'publish DAG versions',
  enableDag: 'let schedules fire, or not',
  deleteDag: 'delete DAGs',
  manageSlas: 'make, change and delete SLAs of a project, its DAGs and tasks',
  manageMembers: 'grant and revoke roles',
  manageProject: 'rename, describe and archive a project',
  manageSecrets: 'set and delete secrets',
  readCapacity: 'see queues, pools and machines',
  readTemplates: 'see templates',
  manageTemplates: 'publish templates',
  manageQueues: 'change queues',
  managePools: 'change pools',
  manageMachines: 'register, change and remove machines',
  manageUsers: 'make, change and erase users; see and end their sessions and tokens',
  readAuditLog: 'read the audit log',
  manageOwnAccess: "one's own password, sessions and tokens",
  manageAllSlas: 'make, change and delete SLAs of everything at once',
  readSlas: "see SLAs and their breaches: a project's as its VIEWER, those of queues and pools as anyone",
  readPlatformEvents: 'read events that belong to no project',
}

/** The policy as a table of Markdown: what each role and permission may do, and which scope a token needs for it. */
export function policyTable(): string {
  const heads = ['may', 'any user', ...PROJECT_ROLES, 'permission', 'ADMIN', "a token's scope"]
  const rows = Object.entries(POLICY).map(([action, need]) => row(MEANING[action as keyof typeof POLICY], need))
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function row(meaning: string, need: Need): string[] {
  const yes = (isIt: boolean) => (isIt ? 'yes' : '')
  const roles = PROJECT_ROLES.map((_, index) =>
    yes(need.kind === 'PROJECT_ROLE' && index >= PROJECT_ROLES.indexOf(need.role)),
  )
  const permission = need.kind === 'PERMISSION' ? `\`${need.permission}\`` : ''
  const scope = need.scope === null ? 'none: needs a session' : `\`${need.scope}\``
  return [meaning, yes(need.kind === 'SIGNED_IN'), ...roles, permission, 'yes', scope]
}
