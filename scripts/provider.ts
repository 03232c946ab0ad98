/** Starts the runner as a provider: `npm run provider -- OPTIONS` is `assay provide OPTIONS`. */
process.argv.splice(2, 0, 'provide')
await import('../runner/dist/bin.js')
