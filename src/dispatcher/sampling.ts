import type { HostReport } from '../machines/machine.js'

/** Why a host that was reached does not measure its attempts though it should; null: it does, or need not. */
export function unsampledBecause({ canSample }: HostReport, sampleSeconds: number | null): string | null {
  return canSample || sampleSeconds === null ? null : 'It has no awk: what its attempts use is not measured'
}
