import { type HostReport, MachineError } from './machine.js'

/** Reads the agent's answer to INSPECT. Throws PROTOCOL when it is not understood. */
export function parseHostReport(reply: string): HostReport {
  const [cpus, memoryKb, kernel, architecture, bootId, machineId, spoolId, sampler, freeKb, user, spool, ...system] =
    reply.split('\t')
  if (spool === undefined || !(Number(cpus) > 0) || !(Number(memoryKb) > 0)) {
    throw new MachineError('PROTOCOL', `The agent's report of its host is not understood: ${reply}`, false)
  }
  return {
    cpus: Number(cpus),
    memoryBytes: Number(memoryKb) * 1024,
    kernel: kernel ?? '',
    architecture: architecture ?? '',
    system: system.join(' '),
    bootId: bootId ?? '',
    machineId: machineId ?? '',
    spoolId: spoolId ?? '',
    spool,
    canSample: sampler === 'awk',
    spoolFreeBytes: /^\d+$/.test(freeKb ?? '') ? Number(freeKb) * 1024 : null,
    user: user ?? '',
  }
}
