import type { Fake, FakeJournal } from './fake-journal.js'
import { fakeDag, PARAMETERS_SCHEMA, page } from './fake-shapes.js'

const PROBLEM = {
  message: 'Task a: needs nobody, which is no task',
  code: 'UNKNOWN_REFERENCE',
  path: ['tasks', 'a', 'needs', '0'],
  line: 4,
  column: 13,
}

const TEMPLATE = {
  id: 'template_1',
  name: 'load',
  version: 2,
  engine: 'shell',
  taskType: null,
  description: 'Loads a table',
  parametersSchema: PARAMETERS_SCHEMA,
  createdAt: '2026-11-22T10:00:00.000Z',
}

/** Definitions that are good unless they need `nobody`; each publish is a new version. */
export class FakeDefinitions {
  readonly published: string[] = []

  constructor(private readonly journal: FakeJournal) {}

  root(): Record<string, unknown> {
    return {
      checkDag: ({ source }: { source: string }) => this.report(source),
      publishDag: ({ input }: { input: Record<string, unknown> }) => this.publish(input),
      template: ({ name, version }: Fake) => (name === TEMPLATE.name && (version ?? 2) === 2 ? TEMPLATE : null),
      templates: () => page([TEMPLATE]),
      publishTemplate: ({ input }: { input: Record<string, unknown> }) => this.publishTemplate(input),
    }
  }

  private report(source: string): { isValid: boolean; problems: Fake[]; definition: Fake } {
    const problems = source.includes('needs: [nobody]') ? [PROBLEM] : []
    return { isValid: problems.length === 0, problems, definition: { name: 'hello', tasks: { a: {} } } }
  }

  private publishTemplate(input: Record<string, unknown>): Fake {
    if (input.engine !== 'shell') {
      return { userErrors: [{ message: 'Engine: must be shell', code: 'INVALID', path: ['engine'] }] }
    }
    const { position } = this.journal.append('TemplatePublished')
    return { template: { ...TEMPLATE, ...input }, userErrors: [], position }
  }

  private publish(input: Record<string, unknown>): Fake {
    const { problems } = this.report(String(input.source))
    if (problems.length > 0) return { problems, userErrors: [] }
    if (input.expectedVersion !== undefined && input.expectedVersion !== this.published.length) {
      const userErrors = [{ message: 'The version is another', code: 'CONFLICT', path: ['expectedVersion'] }]
      return { problems: [], userErrors }
    }
    this.published.push(String(input.source))
    const dagVersion = { id: 'dagversion_1', number: this.published.length }
    const { position } = this.journal.append('DagPublished')
    return { dag: fakeDag(null), dagVersion, problems: [], userErrors: [], position }
  }
}
