import { type DagCommand, type DagEvent, decideDag, evolveDag, NO_DAG } from '../../../src/domain/dag/dag.js'
import type { DagVersionId, ProjectId } from '../../../src/domain/ids.js'

const PUBLISH: DagCommand = {
  type: 'PublishDag',
  projectId: 'project_1' as ProjectId,
  expectedVersion: null,
  dagVersionId: 'dagversion_1' as DagVersionId,
  source: 'name: a',
  definition: { name: 'a', tasks: {} },
  checksum: 'x',
}

const after = (...commands: DagCommand[]) =>
  commands.reduce((state, command) => (decideDag(command, state) as DagEvent[]).reduce(evolveDag, state), NO_DAG)

it('a DAG is deleted once; deleting it again does nothing', () => {
  expect(decideDag({ type: 'DeleteDag' }, after(PUBLISH))).toEqual([{ type: 'DagDeleted', data: {} }])
  expect(decideDag({ type: 'DeleteDag' }, after(PUBLISH, { type: 'DeleteDag' }))).toEqual([])
  expect(decideDag({ type: 'DeleteDag' }, NO_DAG)).toMatchObject({ rejections: [{ code: 'NOT_FOUND' }] })
})

it('what is deleted takes no version and no switch', () => {
  const deleted = after(PUBLISH, { type: 'DeleteDag' })
  expect(decideDag({ ...PUBLISH, checksum: 'y' }, deleted)).toMatchObject({ rejections: [{ code: 'CONFLICT' }] })
  expect(decideDag({ type: 'SetDagEnabled', isEnabled: true }, deleted)).toMatchObject({
    rejections: [{ code: 'NOT_ALLOWED_IN_STATE' }],
  })
})
