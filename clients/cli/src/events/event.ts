/** The fields of an event that are printed; part of the documented JSON. */
export const EVENT_FIELDS = /* GraphQL */ `
  fragment EventFields on Event {
    id position streamId version type data recordedAt
    actor { kind name }
    project { id name }
    run { id }
    instance { id taskKey }
  }
`

/** An event as it is printed by `--json`. */
export interface JournalEvent {
  readonly id: string
  readonly position: string
  readonly streamId: string
  readonly version: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  readonly recordedAt: string
  readonly actor: { readonly kind: string; readonly name: string }
  readonly project: { readonly id: string; readonly name: string } | null
  readonly run: { readonly id: string } | null
  readonly instance: { readonly id: string; readonly taskKey: string } | null
}

/** Which events; an empty filter means all that the caller may see. */
export interface EventFilter {
  readonly runId?: string
  readonly types?: readonly string[]
}
