/**
 * Ids are TypeIDs (https://github.com/jetify-com/typeid): a prefix that names the noun and 26 characters of base32.
 * Branding keeps one noun's id from being passed where another's is meant; at run time they are plain strings.
 */
export type Id<Prefix extends string> = string & { readonly __prefix: Prefix }

export type UserId = Id<'user'>
export type SessionId = Id<'session'>
export type ApiTokenId = Id<'apitoken'>
export type ProjectId = Id<'project'>
export type DagId = Id<'dag'>
export type DagVersionId = Id<'dagversion'>
export type TaskId = Id<'task'>
export type TemplateId = Id<'template'>
export type RunId = Id<'run'>
export type InstanceId = Id<'instance'>
export type QueueId = Id<'queue'>
export type PoolId = Id<'pool'>
export type MachineId = Id<'machine'>
/** One server process, from its start to its end. */
export type NodeId = Id<'node'>
export type BackfillId = Id<'backfill'>
export type SlaId = Id<'sla'>
/** One breach of an SLA, from its beginning to its end. */
export type SlaBreachId = Id<'slabreach'>
export type CommandId = Id<'command'>
