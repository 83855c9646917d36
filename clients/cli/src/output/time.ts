/** `850ms`, `12.3s`, `4m05s`, `2h07m`, `3d04h`; `-` for null. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '-'
  if (seconds < 1) return `${Math.round(seconds * 1_000)}ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
  ]
  if (days > 0) return `${days}d${two(hours)}h`
  if (hours > 0) return `${hours}h${two(minutes)}m`
  return `${minutes}m${two(whole % 60)}s`
}

/** `2026-12-01 02:30:00Z`: an RFC 3339 time to the second, in UTC; `-` for null. */
export function moment(time: string | null): string {
  return time === null ? '-' : `${time.slice(0, 19).replace('T', ' ')}Z`
}

/** `02:30:00.123`, in UTC. */
export function timeOfDay(time: string): string {
  return new Date(time).toISOString().slice(11, 23)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
