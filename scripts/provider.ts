/** Starts the runner as a provider: `npm run provider -- OPTIONS` is `assay provide OPTIONS`. */
process.argv.splice(2, 0, 'provide')
// By URL: the compiler would look for a file that a fresh checkout has not built yet.
await import(new URL('../runner/dist/bin.js', import.meta.url).href)
