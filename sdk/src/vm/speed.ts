/**
 * Steps a second that providers count on where nothing else is said: what the native engine far exceeds and the interpreter
 * does several times over, with ordinary programs. It is no bound: a program made for that is slow on both.
 */
export const usualSpeed = 1n << 27n

/**
 * Steps a second that no program falls below on the interpreter. The slowest known chases pointers through 1 GiB, each step a
 * miss of every cache: 3.8 million steps a second, and as many reads a second in plain C on the same machine. Next
 * come calls of functions with 1,000 locals (3 to 11 million) and host calls (11 million).
 */
export const slowestSpeed = 1n << 20n
