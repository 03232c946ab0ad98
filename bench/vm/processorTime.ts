/** Milliseconds of processor time so far: what other processes take does not count. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
