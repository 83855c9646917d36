import type { DagDefinition, TaskDefinition, TemplateDefinition } from '../../../src/domain/dag/definition.js'
import { planOf } from '../../../src/domain/dag/plan.js'
import type { TemplateId } from '../../../src/domain/ids.js'

const id = 'template_1' as TemplateId

function planned(template: TemplateDefinition, task: TaskDefinition, defaults: DagDefinition['defaults'] = {}) {
  const tasks = { a: { template: 'load@1', ...task } }
  return planOf({ name: 'x', defaults, tasks, templates: { 'load@1': { id, definition: template } } }).tasks[0]
}

it('a task is what its template says, and names it', () => {
  const template: TemplateDefinition = {
    script: 'load.py',
    arguments: ['-v'],
    timeout: '1m',
    queue: 'etl',
    tags: ['t'],
  }
  expect(planned(template, { with: { table: 'facts' } })).toMatchObject({
    engine: 'script',
    action: { command: 'load.py', arguments: ['-v'] },
    timeoutMs: 60_000,
    queue: 'etl',
    tags: ['t'],
    template: id,
    inputs: { table: 'facts' },
  })
})

it('the task goes before the template, the template before the defaults, key by key', () => {
  const template: TemplateDefinition = {
    run: 'load',
    env: { A: 'template', B: 'template' },
    retry: { maxAttempts: 2, delay: 1 },
    timeout: 10,
    grace: 5,
  }
  const defaults = { env: { B: 'defaults', C: 'defaults' }, retry: { backoff: 'LINEAR' as const, delay: 9 }, grace: 7 }
  expect(planned(template, { env: { A: 'task' }, retry: { maxAttempts: 3 }, timeout: 20 }, defaults)).toMatchObject({
    action: { environment: { A: 'task', B: 'template', C: 'defaults' } },
    retry: { maxAttempts: 3, delayMs: 1_000, backoff: 'LINEAR' },
    timeoutMs: 20_000,
    graceMs: 5_000,
  })
})

it('a task that says where it runs says all of it', () => {
  expect(planned({ run: 'x', machine: 'm' }, { labels: ['gpu'] })).toMatchObject({ machine: null, labels: ['gpu'] })
  expect(planned({ run: 'x', labels: ['gpu'] }, { machine: 'm' })).toMatchObject({ machine: 'm' })
  expect(planned({ run: 'x', labels: ['gpu'] }, {}, { machine: 'd' })).toMatchObject({ machine: null, labels: ['gpu'] })
})
