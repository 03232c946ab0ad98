/** What a role that runs until it is told to stop can be told. */
type Stoppable = { drain: () => void; stop: () => void }

/** SIGINT or SIGTERM once: it ends when it can. Twice: at once. A third time exits without waiting for anything. */
export function stopBySignals(role: Stoppable, onDrain: () => void): void {
  let signals = 0
  const onSignal = () => {
    signals++
    if (signals === 1) {
      onDrain()
      role.drain()
    } else if (signals === 2) role.stop()
    else process.exit(1)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}
