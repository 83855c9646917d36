import { z } from 'zod'

// Instances of the collection leave things out, write null for what is unknown and carry fields of their own; what the
// import does not use is not looked at.

const Text = z.string().min(1)
const Texts = z.array(z.string()).nullish()
const Anything = z.unknown().optional()
const Count = z.number().nullish()

const SpecifiedTask = z.object({
  id: Text.nullish(),
  name: Text.nullish(),
  parents: Texts,
  children: Texts,
  inputFiles: z.array(z.unknown()).nullish(),
  outputFiles: z.array(z.unknown()).nullish(),
})

const ExecutedTask = z.object({
  id: Text.nullish(),
  name: Text.nullish(),
  runtimeInSeconds: Count,
  /** Up to version 1.3. */
  runtime: Count,
  command: Anything,
  coreCount: Anything,
  cores: Anything,
  avgCPU: Anything,
  memoryInBytes: Anything,
  memory: Anything,
  readBytes: Anything,
  writtenBytes: Anything,
  energyInKWh: Anything,
  energy: Anything,
  avgPowerInW: Anything,
  avgPower: Anything,
  priority: Anything,
  machine: Anything,
  machines: Anything,
  files: z.array(z.unknown()).nullish(),
})

const Specification = z.object({
  tasks: z.array(SpecifiedTask).min(1),
  files: z.array(z.unknown()).nullish(),
})

const Execution = z.object({
  makespanInSeconds: Anything,
  tasks: z.array(ExecutedTask).nullish(),
  machines: z.array(z.unknown()).nullish(),
})

const Head = z.object({
  name: Text.nullish(),
  description: z.string().nullish(),
  schemaVersion: z.union([z.string(), z.number()]).nullish(),
  author: Anything,
  runtimeSystem: Anything,
})

/** WfFormat 1.5: what was planned and what was measured, apart. https://github.com/wfcommons/WfFormat */
export const WfFormat15 = Head.extend({
  workflow: z.object({ specification: Specification, execution: Execution.nullish() }),
})

/** WfFormat up to 1.4: one list of tasks with both. */
export const WfFormat14 = Head.extend({
  workflow: z.object({
    tasks: z.array(SpecifiedTask.extend(ExecutedTask.shape)).min(1),
    machines: z.array(z.unknown()).nullish(),
    makespanInSeconds: Anything,
    makespan: Anything,
  }),
})

export type SpecifiedTask = z.infer<typeof SpecifiedTask>
export type ExecutedTask = z.infer<typeof ExecutedTask>
export type WfFormat15 = z.infer<typeof WfFormat15>
export type WfFormat14 = z.infer<typeof WfFormat14>
