import type { MachineFacts, MachineHostKey, MachineLogin, MachineRegistered, MachineSettings } from './events.js'

/** What can be asked of a machine. */
export type MachineCommand =
  | RegisterLocalMachine
  | RegisterMachine
  | UpdateMachine
  | RecordHostKey
  | RecordMachineFacts
  | RemoveMachine

/** A host registers itself; its facts are known. */
export interface RegisterLocalMachine extends Omit<MachineRegistered, 'kind' | 'hostIdentity'> {
  readonly type: 'RegisterLocalMachine'
  readonly hostIdentity: string
}

/** A host over SSH. The private key is written beside the events. */
export interface RegisterMachine {
  readonly type: 'RegisterMachine'
  readonly name: string
  readonly host: string
  readonly settings: MachineSettings
  readonly login: MachineLogin
  /** What the caller knows of the host's key; null: whatever it shows waits for approval. */
  readonly hostKeyFingerprint: string | null
  /** What it showed when it was first contacted; null: it could not be reached. */
  readonly offered: MachineHostKey | null
}

/** Settings that are left out stay. */
export interface UpdateMachine {
  readonly type: 'UpdateMachine'
  readonly settings: Partial<MachineSettings>
  /** Of the key that replaces the login's; null: it stays. */
  readonly keyFingerprint: string | null
  /** Approves the key with this fingerprint; null: approves none. */
  readonly hostKeyFingerprint: string | null
}

/** The host showed a key that is not pinned: it waits for approval, or is the approved one, or quarantines the machine. */
export interface RecordHostKey {
  readonly type: 'RecordHostKey'
  readonly hostKey: MachineHostKey
}

export interface RecordMachineFacts {
  readonly type: 'RecordMachineFacts'
  readonly facts: MachineFacts
}

export interface RemoveMachine {
  readonly type: 'RemoveMachine'
}
