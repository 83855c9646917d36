/** The payload of every event of the append benchmark's peers: a piece of a run's history, some 250 bytes of JSON. */
export function eventData(index) {
  return {
    runId: `run-${String(index % 1_000).padStart(6, '0')}`,
    instanceId: `instance-${String(index).padStart(8, '0')}`,
    nodeKey: `extract_${index % 20}`,
    attempt: 1,
    from: 'queued',
    to: 'running',
    workerId: 'worker-7f3a',
    at: '2026-11-22T07:30:00.000Z',
    note: 'x'.repeat(60),
  }
}
