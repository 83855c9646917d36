import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Machine } from '../capacity/capacity.type.js'
import { Payload } from '../payload.js'

const KEY = 'A repeat with the same key and input does nothing again.'
const LABELS = 'What it is good for: at most 100, each 1 to 63 letters, digits, ".", "_" and "-".'
const RUN_USERS = 'Whom tasks may run as besides the login; at most 100.'
const PROJECTS = "Whose work it takes; empty: every project's."
const PRIVATE_KEY = 'Of the login, in OpenSSH or PEM form, without a passphrase. Stored encrypted, never returned.'

@InputType({ description: 'A machine reached over SSH. The private key is stored encrypted and never returned.' })
export class RegisterMachineInput {
  @Field(() => String, {
    description:
      'Unique: letters, digits, "_", "." and "-", the first a letter or "_"; at most 100. "local" and what begins with "local-" are for the hosts of servers.',
  })
  name!: string

  @Field(() => String, { description: 'A host name or an IP address.' })
  host!: string

  @Field(() => Int, { nullable: true, description: 'Default 22.' })
  port?: number | null

  @Field(() => String, { description: 'Who logs in; tasks run as that user.' })
  loginUser!: string

  @Field(() => String, {
    nullable: true,
    description: `${PRIVATE_KEY} Without it the input is refused (REQUIRED): a login has no other way in, and no server makes keys.`,
  })
  privateKey?: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Of the host key, where it is known: SHA256:... as ssh-keygen -l shows it. Without it the key that the host shows waits for updateMachine.',
  })
  hostKeyFingerprint?: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Text of a known_hosts file (hashed names and @revoked, too): approves the key that it has for the host, in place of hostKeyFingerprint; at most 40,000 characters.',
  })
  knownHosts?: string | null

  @Field(() => Int, { nullable: true, description: 'Instances at a time; default 4.' })
  slots?: number | null

  @Field(() => [String], { nullable: true, description: LABELS })
  labels?: string[] | null

  @Field(() => [String], { nullable: true, description: RUN_USERS })
  allowedRunUsers?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Default: the pool `default`.' })
  poolId?: string | null

  @Field(() => [ID], { nullable: true, description: PROJECTS })
  projectIds?: string[] | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'What is left out stays as it is.' })
export class UpdateMachineInput {
  @Field(() => ID, { description: 'Of the machine.' })
  machineId!: string

  @Field(() => Int, { nullable: true, description: 'Instances at a time.' })
  slots?: number | null

  @Field(() => [String], { nullable: true, description: LABELS })
  labels?: string[] | null

  @Field(() => [String], { nullable: true, description: RUN_USERS })
  allowedRunUsers?: string[] | null

  @Field(() => Boolean, { nullable: true, description: 'Whether it takes nothing new.' })
  isDraining?: boolean | null

  @Field(() => ID, { nullable: true, description: 'Its pool from now on.' })
  poolId?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Approves the key that the host shows, by its fingerprint; this ends a quarantine, too.',
  })
  hostKeyFingerprint?: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Text of a known_hosts file (hashed names and @revoked, too): approves the key that it has for the host, in place of hostKeyFingerprint; at most 40,000 characters.',
  })
  knownHosts?: string | null

  @Field(() => String, { nullable: true, description: `Replaces the private key. ${PRIVATE_KEY}` })
  privateKey?: string | null

  @Field(() => [ID], { nullable: true, description: PROJECTS })
  projectIds?: string[] | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A machine that executes nothing any more.' })
export class RemoveMachineInput {
  @Field(() => ID, { description: 'Of the machine.' })
  machineId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A machine to be asked what it is.' })
export class ProbeMachineInput {
  @Field(() => ID, { description: 'Of the machine.' })
  machineId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The machine that was changed.', simpleResolvers: true })
export class MachinePayload extends Payload {
  @Field(() => Machine, { nullable: true, description: 'Null when it was refused.' })
  machine!: Machine | null
}
