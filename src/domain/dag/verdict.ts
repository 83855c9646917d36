/** What a task found out, whatever became of its process; UNKNOWN where nothing says. */
export type Verdict = 'PASS' | 'FAIL' | 'UNKNOWN'

/** As a DAG file writes it: exactly one of `junit`, `tap` and `rules`. */
export interface VerdictDefinition {
  /** The path of a JUnit XML report. */
  readonly junit?: string
  /** `true`: stdout is TAP; or the path of a file that is. */
  readonly tap?: boolean | string
  readonly rules?: readonly VerdictRule[]
  /** Where no rule's pattern is found; default UNKNOWN. */
  readonly default?: Verdict
}

export interface VerdictRule {
  /** RE2, found anywhere in a line. */
  readonly pattern: string
  /** Left out: both, stdout first. */
  readonly stream?: 'STDOUT' | 'STDERR'
  readonly verdict: Verdict
}

/** Where a verdict is read. A path begins in the task's directory; null: its stdout. */
export type VerdictPlan =
  | { readonly from: 'JUNIT'; readonly path: string }
  | { readonly from: 'TAP'; readonly path: string | null }
  | { readonly from: 'RULES'; readonly rules: readonly VerdictRule[]; readonly otherwise: Verdict }

/** The meaning of a definition that was checked. */
export function verdictPlanOf({
  junit,
  tap,
  rules = [],
  default: otherwise = 'UNKNOWN',
}: VerdictDefinition): VerdictPlan {
  if (junit !== undefined) return { from: 'JUNIT', path: junit }
  if (tap !== undefined) return { from: 'TAP', path: typeof tap === 'string' ? tap : null }
  return { from: 'RULES', rules, otherwise }
}

/** The file that the machine is to keep for the verdict; null: it is read in the output, or not at all. */
export function reportOf(plan: VerdictPlan | undefined): string | null {
  return plan === undefined || plan.from === 'RULES' ? null : plan.path
}
