import type { Fake, FakeJournal } from './fake-journal.js'
import { fakeDag } from './fake-shapes.js'

const PROBLEM = {
  message: 'Task a: needs nobody, which is no task',
  code: 'UNKNOWN_REFERENCE',
  path: ['tasks', 'a', 'needs', '0'],
  line: 4,
  column: 13,
}

/** Definitions that are good unless they need `nobody`; each publish is a new version. */
export class FakeDefinitions {
  readonly published: string[] = []

  constructor(private readonly journal: FakeJournal) {}

  root(): Record<string, unknown> {
    return {
      checkDag: ({ source }: { source: string }) => this.report(source),
      publishDag: ({ input }: { input: Record<string, unknown> }) => this.publish(input),
    }
  }

  private report(source: string): { isValid: boolean; problems: Fake[]; definition: Fake } {
    const problems = source.includes('needs: [nobody]') ? [PROBLEM] : []
    return { isValid: problems.length === 0, problems, definition: { name: 'hello', tasks: { a: {} } } }
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
