/** Runs every benchmark and writes its figures to `bench/`: gas, then the loop on a local network. */
await import('../bench/gas.ts')
await import('../bench/market.ts')
