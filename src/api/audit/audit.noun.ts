import { may } from '../../access/policy.js'
import type { Context } from '../context.js'
import type { Noun } from '../noun.js'
import { AuditResolver, recordReading } from './audit.resolver.js'
import type { AuditEntry } from './audit.type.js'
import { auditEntries } from './audit-entries.js'

export const auditNoun: Noun = {
  resolvers: [AuditResolver],
  nodes: [
    {
      prefix: 'audit',
      typeName: 'AuditEntry',
      load: (ids, context) => entriesOf({ positions: positionsOf(ids) }, ids, context),
    },
    { prefix: 'access', typeName: 'AuditEntry', load: (ids, context) => entriesOf({ accessIds: ids }, ids, context) },
  ],
}

async function entriesOf(
  query: { readonly positions?: readonly number[]; readonly accessIds?: readonly string[] },
  ids: readonly string[],
  context: Context,
): Promise<AuditEntry[]> {
  if (!may(context.viewer, 'readAuditLog')) return []
  await recordReading(context, { ids: [...ids] })
  return auditEntries(context, query, { limit: ids.length, isBackward: false, from: null })
}

function positionsOf(ids: readonly string[]): number[] {
  const texts = ids.map((id) => id.slice('audit_'.length)).filter((text) => /^[1-9]\d{0,14}$/.test(text))
  return texts.map(Number)
}
