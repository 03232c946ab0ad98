import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import hre from 'hardhat'
import type { JsonRpcServer } from 'hardhat/types/network'
import type { Hex } from 'viem'
import Assay from '../../ignition/modules/Assay.ts'
import { contentRef, encodeLeaves, type LeafRow, resultTree } from '../src/trees/index.ts'
import { closeServers, serve } from './helpers/server.ts'

const PAGE = new URL('../../docs/sdk.md', import.meta.url)
const ACCOUNTS = [
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
] as const

/** The page has a function that reads outputs; this calls it. */
const READS = `
const bytesOf = []
for await (const { bytes } of outputsOf(jobId)) bytesOf.push(bytes[0])
console.log('outputs:', bytesOf.join())
`

/** A provider's endpoint with the results of the page's job: task i has the output i. */
async function serveResults(): Promise<{ endpoint: string; resultRoot: Hex }> {
  const outputs = Uint8Array.from({ length: 8 }, (_, i) => i)
  const leaves = [...outputs].map((byte): LeafRow => {
    const { root, length } = contentRef(Uint8Array.of(byte))
    return { status: 'halted', exitCode: 0, outputRoot: root, outputLength: length, steps: 1n }
  })
  const endpoint = await serve(({ url }, response) => {
    response.end(url?.endsWith('/leaves') ? encodeLeaves(leaves) : outputs)
  })
  return { endpoint, resultRoot: resultTree(leaves).root }
}

describe('docs/sdk.md', () => {
  let server: JsonRpcServer
  let url: string
  const deploymentId = `docs-${process.pid}`
  before(async () => {
    server = await hre.network.createServer('default', '127.0.0.1', 0)
    const { address, port } = await server.listen()
    url = `http://${address}:${port}`
    const connection = await hre.network.create({ network: 'local', override: { url } })
    const { token } = await connection.ignition.deploy(Assay, { deploymentId })
    for (const account of ACCOUNTS) {
      const sent = await token.getFunction('transfer')(account, 1_000_000_000n)
      await sent.wait()
    }
    await connection.close()
  })
  after(async () => {
    await closeServers()
    await server.close()
    const folder = join(hre.config.paths.ignition, 'deployments', deploymentId)
    rmSync(folder, { recursive: true, force: true })
  })

  it('has snippets that run as they stand, one after the other', async () => {
    const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
    expect(blocks).to.have.length(10)
    const results = await serveResults()
    const program = [...blocks, READS]
      .join('\n')
      .replaceAll('http()', `http('${url}')`)
      .replaceAll('http://127.0.0.1:4401', results.endpoint)
      .replaceAll(/const resultRoot = '0x[0-9a-f]{64}'/g, `const resultRoot = '${results.resultRoot}'`)
    const { code, stdout, stderr } = await run(program)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
    expect(stdout).to.match(/^0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC 1\d+n/)
    expect(stdout)
      .to.contain('JobSettled')
      .and.match(/continue from block \d+n\n/)
      .and.contain('outputs: 0,1,2,3,4,5,6,7')
  })
})

function run(program: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(
    process.execPath,
    ['--conditions=assay-source', '--input-type=module-typescript', '--eval', program],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })))
}
