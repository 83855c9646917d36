/** What the commands show of a backfill. */
export const BACKFILL_FIELDS = /* GraphQL */ `
  fragment BackfillFields on Backfill {
    id status from to createdAt
    dag { id name project { name } }
    runs(first: 100) { totalCount nodes { id status logicalDate } }
  }
`

export interface BackfillRun {
  readonly id: string
  readonly status: string
  readonly logicalDate: string | null
}

export interface Backfill {
  readonly id: string
  readonly status: string
  readonly from: string
  readonly to: string
  readonly createdAt: string
  readonly dag: { readonly id: string; readonly name: string; readonly project: { readonly name: string } }
  readonly runs: { readonly totalCount: number | null; readonly nodes: readonly BackfillRun[] }
}
