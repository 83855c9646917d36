/** How fast one process drains ready no-op instances. Sizes are instances, jobs or steps. */
export const dispatch = {
  name: 'dispatch',
  title: 'no-op instances drained per second, one process, 20,000 ready in runs of 1,000, queue capacity 1,000',
  measures: [{ key: 'rate', label: 'drained per second', isLessBetter: false }],
  peers: ['graphile-worker', 'pg-boss', '@dbos-inc/dbos-sdk', 'pg'],
  variants: [
    {
      id: 'dagbook',
      isReference: true,
      label: 'Dagbook, full history kept (4 events an instance)',
      script: 'ours/dispatch.mjs',
      variant: 'noop',
      sizes: { full: 20_000, quick: 3_000 },
    },
    {
      id: 'graphile-default',
      label: 'graphile-worker, defaults, 24 at a time (jobs deleted)',
      script: 'peers/graphile-worker.mjs',
      variant: 'default',
      sizes: { full: 20_000, quick: 1_000 },
    },
    {
      id: 'graphile-local-queue',
      label: 'graphile-worker, local queue of 500 and batched completion (jobs deleted)',
      script: 'peers/graphile-worker.mjs',
      variant: 'local-queue',
      sizes: { full: 50_000, quick: 3_000 },
    },
    {
      id: 'pg-boss',
      label: 'pg-boss, work() in batches of 100 (a row a job kept)',
      script: 'peers/pg-boss.mjs',
      variant: 'work',
      sizes: { full: 20_000, quick: 3_000 },
    },
    {
      id: 'dbos',
      label: 'DBOS, steps of 20 workflows at a time (results kept)',
      script: 'peers/dbos.mjs',
      variant: 'steps',
      sizes: { full: 8_000, quick: 400 },
    },
    {
      id: 'raw',
      label: 'bare SQL, SKIP LOCKED in batches of 100, 4 loops (a row a job kept)',
      script: 'peers/raw-queue.mjs',
      variant: 'drain',
      sizes: { full: 50_000, quick: 5_000 },
    },
  ],
  goals: [
    {
      text: 'at least 3 times graphile-worker with its defaults',
      measure: 'rate',
      against: 'graphile-default',
      atLeast: 3,
    },
    { text: 'at least 7 times the steps of DBOS', measure: 'rate', against: 'dbos', atLeast: 7 },
  ],
}
