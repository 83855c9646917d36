import type { RunRow } from '../projections/run/run-row.js'
import type { SlaBreachRow } from '../projections/sla/breaches.js'
import type { Occasion } from '../projections/sla/deliveries.js'
import type { SlaRow } from '../projections/sla/slas.js'

/** A breach with what it is about. */
export interface Notice {
  readonly sla: SlaRow
  readonly breach: SlaBreachRow
  readonly run: RunRow | null
}

/** The body of a webhook: a CloudEvent 1.0 in structured JSON (https://github.com/cloudevents/spec). */
export function cloudEventOf({ sla, breach, run }: Notice, occasion: Occasion): string {
  const isResolved = occasion === 'RESOLVED'
  return JSON.stringify({
    specversion: '1.0',
    id: isResolved ? `${breach.id}.resolved` : breach.id,
    source: `/slas/${sla.id}`,
    type: isResolved ? 'dagbook.sla.resolved' : 'dagbook.sla.breached',
    subject: breach.subjectId,
    time: ((isResolved ? breach.resolvedAt : null) ?? breach.breachedAt).toISOString(),
    datacontenttype: 'application/json',
    data: {
      sla: { id: sla.id, name: sla.name, projectId: sla.projectId, dagId: sla.dagId, priority: sla.priority },
      breach: {
        id: breach.id,
        subjectId: breach.subjectId,
        runId: breach.runId,
        instanceId: breach.instanceId,
        facts: breach.facts,
        breachedAt: breach.breachedAt.toISOString(),
        resolvedAt: breach.resolvedAt?.toISOString() ?? null,
      },
      run: run === null ? null : { id: run.id, name: run.name, status: run.status },
    },
  })
}

/** The same for people to read. */
export function letterOf(
  { sla, breach, run }: Notice,
  occasion: Occasion,
): { readonly subject: string; readonly text: string } {
  const isResolved = occasion === 'RESOLVED'
  const facts = Object.entries(breach.facts).map(([name, value]) => `  ${name}: ${String(value)}`)
  const what = run === null ? breach.subjectId : `run ${run.name} (${run.id}, ${run.status})`
  const from = breach.breachedAt.toISOString()
  const lines = [
    `SLA ${sla.name} is ${isResolved ? 'no longer broken' : 'broken'} by ${what}`,
    isResolved ? `It was from ${from} to ${breach.resolvedAt?.toISOString()}, found with:` : `since ${from}:`,
    '',
    ...facts,
    '',
    isResolved ? `Breach ${breach.id}.` : `Breach ${breach.id}. It is told once, until it is resolved.`,
  ]
  const is = isResolved ? 'resolved' : 'broken'
  return { subject: `SLA ${sla.name} is ${is}${run === null ? '' : `: ${run.name}`}`, text: lines.join('\n') }
}
