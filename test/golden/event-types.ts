import type { BackfillEvent } from '../../src/domain/backfill/backfill.js'
import type { DagEvent } from '../../src/domain/dag/dag.js'
import type { MachineEvent } from '../../src/domain/machine/events.js'
import type { PoolEvent } from '../../src/domain/pool/pool.js'
import type { ProjectEvent } from '../../src/domain/project/project.js'
import type { QueueEvent } from '../../src/domain/queue/queue.js'
import type { RunEventType } from '../../src/domain/run/events.js'
import type { SlaEvent } from '../../src/domain/sla/sla.js'
import type { TemplateEvent } from '../../src/domain/template/template.js'
import type { UserEvent } from '../../src/domain/user/user.js'

type EventType =
  | RunEventType
  | (
      | BackfillEvent
      | DagEvent
      | MachineEvent
      | PoolEvent
      | ProjectEvent
      | QueueEvent
      | SlaEvent
      | TemplateEvent
      | UserEvent
    )['type']

/** Every type that the domain knows, with the newest schema_version of its data. The compiler misses none. */
export const EVENT_TYPES: { readonly [Type in EventType]: number } = {
  BackfillCancelRequested: 1,
  BackfillRequested: 1,
  DagCreated: 1,
  DagDeleted: 1,
  DagDisabled: 1,
  DagEnabled: 1,
  DagScheduleAdvanced: 1,
  DagScheduleChanged: 1,
  DagVersionPublished: 1,
  InstanceAttemptFailed: 1,
  InstanceCancelRequested: 1,
  InstanceCanceled: 1,
  InstanceContactLost: 1,
  InstanceDispatched: 1,
  InstanceErrored: 1,
  InstanceExpanded: 1,
  InstanceFailed: 1,
  InstanceForceRequested: 1,
  InstanceQueued: 1,
  InstanceReattached: 1,
  InstanceReused: 1,
  InstanceSkipped: 1,
  InstanceStarted: 1,
  InstanceSucceeded: 1,
  InstanceTimedOut: 1,
  InstanceUpstreamFailed: 1,
  MachineHostKeyApproved: 1,
  MachineHostKeyOffered: 1,
  MachineLoginChanged: 1,
  MachineProbed: 1,
  MachineQuarantined: 1,
  MachineRegistered: 1,
  MachineRemoved: 1,
  MachineSettingsChanged: 1,
  PoolCreated: 1,
  PoolDeleted: 1,
  PoolSettingsChanged: 1,
  ProjectArchived: 1,
  ProjectCreated: 1,
  ProjectDescribed: 1,
  ProjectRenamed: 1,
  ProjectRoleGranted: 1,
  ProjectRoleRevoked: 1,
  ProjectSecretDeleted: 1,
  ProjectSecretSet: 1,
  QueueCreated: 1,
  QueueDeleted: 1,
  QueueSettingsChanged: 1,
  RunCancelRequested: 1,
  RunCanceled: 1,
  RunFailed: 1,
  RunPaused: 1,
  RunPriorityChanged: 1,
  RunRequested: 1,
  RunResumed: 1,
  RunStarted: 1,
  RunSucceeded: 1,
  RunTimedOut: 1,
  RunTimeoutReached: 1,
  SlaBreached: 1,
  SlaCreated: 1,
  SlaDeleted: 1,
  SlaResolved: 1,
  SlaSettingsChanged: 1,
  TemplatePublished: 1,
  UserActivated: 1,
  UserApiTokenCreated: 1,
  UserApiTokenRevoked: 1,
  UserCreated: 1,
  UserDeactivated: 1,
  UserDetailsChanged: 1,
  UserErased: 1,
  UserPasswordChanged: 1,
  UserRightsChanged: 1,
  UserSessionRevoked: 1,
}
