/** A set-up that cannot go on, told in plain words: what happened, what was seen, what to do. */
export class SetupError extends Error {
  name = 'SetupError'

  /**
   * @param {string} what one line
   * @param {{ seen?: string, remedy?: string | undefined, signal?: NodeJS.Signals }} [more] `seen`: output of the tool that failed;
   *   `signal`: the one that ended the set-up
   */
  constructor(what, { seen, remedy, signal } = {}) {
    super([what, seen?.trim(), remedy].filter(Boolean).join('\n'))
    this.signal = signal
  }
}

/** @param {string} line goes to stderr, so that it never mixes with the output of the command */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`)
}
