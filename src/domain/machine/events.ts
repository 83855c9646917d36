import type { PoolId, ProjectId } from '../ids.js'

/** How a machine is reached: in this host's own processes, or by logging in. */
export type MachineKind = 'LOCAL' | 'SSH'

/** What happens to a machine. No event holds a private key: one that was replaced is named by its public half's fingerprint. */
export type MachineEvent =
  | { readonly type: 'MachineRegistered'; readonly data: MachineRegistered }
  | { readonly type: 'MachineSettingsChanged'; readonly data: MachineSettings }
  | { readonly type: 'MachineLoginChanged'; readonly data: MachineLogin }
  | { readonly type: 'MachineHostKeyOffered'; readonly data: MachineHostKey }
  | { readonly type: 'MachineHostKeyApproved'; readonly data: ApprovedHostKey }
  | { readonly type: 'MachineQuarantined'; readonly data: MachineQuarantined }
  | { readonly type: 'MachineProbed'; readonly data: MachineFacts }
  | { readonly type: 'MachineRemoved'; readonly data: Record<string, never> }

/** The first event of its stream; what it does not say has its default until the next ones. */
export interface MachineRegistered {
  readonly name: string
  readonly kind: MachineKind
  readonly host: string
  /** Of a local one: the host's machine id and its spool's id, as nobody else touches that spool. Null over SSH. */
  readonly hostIdentity: string | null
  readonly poolId: PoolId
  readonly slots: number
  readonly cpuCount: number | null
  readonly memoryBytes: number | null
}

/** All of them as they stand from now on. */
export interface MachineSettings {
  readonly poolId: PoolId
  readonly slots: number
  readonly labels: readonly string[]
  /** Whom tasks may run as, besides the login. */
  readonly allowedRunUsers: readonly string[]
  /** Whose work it takes; empty: every project's. */
  readonly projectIds: readonly ProjectId[]
  /** It takes nothing new. */
  readonly isDraining: boolean
}

/** How to log in, without the key itself. */
export interface MachineLogin {
  readonly port: number
  readonly loginUser: string
  /** Of the public half, as OpenSSH shows it. */
  readonly keyFingerprint: string
}

/** A host's public key. */
export interface MachineHostKey {
  /** `ssh-ed25519` ... */
  readonly keyType: string
  /** Its SSH wire form in base64, as in known_hosts. */
  readonly key: string
  /** `SHA256:` and 43 characters. */
  readonly fingerprint: string
}

/** Type and key are null where only the fingerprint was told and the host has not shown its key yet. */
export interface ApprovedHostKey {
  readonly keyType: string | null
  readonly key: string | null
  readonly fingerprint: string
}

/** It showed another key than the approved one: nothing is sent to it until one is approved. */
export interface MachineQuarantined {
  readonly approved: string
  readonly offered: MachineHostKey
}

/** What a host said of itself. */
export interface MachineFacts {
  readonly cpuCount: number
  readonly memoryBytes: number
  /** `6.1.0-18-amd64`. */
  readonly kernel: string
  /** Which host and spool it is; another one under the same address is refused. */
  readonly machineId: string
  readonly spoolId: string
}
