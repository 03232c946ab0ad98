import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import hre from 'hardhat'
import type { JsonRpcServer, NetworkConnection } from 'hardhat/types/network'
import { type Address, getContractAddress } from 'viem'
import { deployMarket } from '../../scripts/support/deployMarket.ts'
import { recordDeployment } from '../../scripts/support/recordDeployment.ts'
import { marketDeployments } from '../src/index.ts'

describe('deployments', () => {
  describe('the recorded market of the local chain', () => {
    it('is what the Ignition module deploys on a fresh one', async () => {
      const connection = await hre.network.create()
      const { chainId, deployment } = await deployMarket(connection)
      await connection.close()
      expect(chainId).to.equal(31_337)
      expect({ ...deployment, fromBlock: 0n }).to.deep.equal(marketDeployments[31_337])
    })

    it('belongs to contracts of the first account', () => {
      const from = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
      expect(marketDeployments[31_337]).to.deep.equal({
        token: getContractAddress({ from, nonce: 0n }),
        market: getContractAddress({ from, nonce: 8n }),
        fromBlock: 0n,
      })
    })
  })

  describe('deploying to a node', () => {
    const deploymentId = `test-${process.pid}`
    const nodes: { server: JsonRpcServer; connection: NetworkConnection }[] = []
    async function startNode(): Promise<NetworkConnection> {
      const server = await hre.network.createServer('default', '127.0.0.1', 0)
      const { address, port } = await server.listen()
      const connection = await hre.network.create({
        network: 'local',
        override: { url: `http://${address}:${port}` },
      })
      nodes.push({ server, connection })
      return connection
    }
    const height = async (connection: NetworkConnection) =>
      Number(await connection.provider.request({ method: 'eth_blockNumber' }))

    after(async () => {
      for (const { server, connection } of nodes) {
        await connection.close()
        await server.close()
      }
      const folder = join(hre.config.paths.ignition, 'deployments', deploymentId)
      rmSync(folder, { recursive: true, force: true })
    })

    it('does nothing the second time, notices a fresh chain, and deploys anew when told', async () => {
      const first = await startNode()
      const { deployment } = await deployMarket(first, { deploymentId })
      const before = await height(first)
      expect((await deployMarket(first, { deploymentId })).deployment).to.deep.equal(deployment)
      expect(await height(first)).to.equal(before)

      const anew = await deployMarket(first, { deploymentId, reset: true })
      expect(anew.deployment.market).not.to.equal(deployment.market)

      const second = await startNode()
      expect((await deployMarket(second, { deploymentId })).deployment).to.deep.equal(deployment)
      expect(await height(second)).to.equal(before)
    })
  })

  describe('deploying to a node on a token that is there already', () => {
    it('stays with the token, and refuses another until it is told to deploy anew', async () => {
      const server = await hre.network.createServer('default', '127.0.0.1', 0)
      const { address, port } = await server.listen()
      const override = { url: `http://${address}:${port}` }
      const connection = await hre.network.create({ network: 'local', override })
      const deploymentId = `test-token-${process.pid}`
      try {
        const [owner] = await connection.ethers.getSigners()
        const tokens: Address[] = []
        for (let i = 0; i < 2; i++) {
          const contract = await connection.ethers.deployContract('NoReturnTokenMock', [owner?.address, 1n])
          tokens.push((await contract.getAddress()) as Address)
        }
        const [token, other] = tokens as [Address, Address]
        const { deployment } = await deployMarket(connection, { token, deploymentId })
        expect(deployment.token).to.equal(token)
        expect((await deployMarket(connection, { token, deploymentId })).deployment).to.deep.equal(deployment)
        const refused = await deployMarket(connection, { token: other, deploymentId }).catch(String)
        expect(refused).to.include(`Address has been changed from ${token} to ${other}`)
        const anew = await deployMarket(connection, { token: other, deploymentId, reset: true })
        expect(anew.deployment.token).to.equal(other)
      } finally {
        await connection.close()
        await server.close()
        rmSync(join(hre.config.paths.ignition, 'deployments', deploymentId), { recursive: true, force: true })
      }
    })
  })

  describe('recording', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-deployments-'))
    const file = pathToFileURL(join(folder, 'deployments.json'))
    after(() => rmSync(folder, { recursive: true }))
    const entry = { market: '0x01', token: '0x02', fromBlock: 7 }

    it('adds a chain in order, replaces it, and keeps the others', () => {
      writeFileSync(file, '{ "31337": { "market": "0x03", "token": "0x04", "fromBlock": 0 } }')
      recordDeployment(file, 10, entry)
      const written = readFileSync(file, 'utf8')
      expect(Object.keys(JSON.parse(written))).to.deep.equal(['10', '31337'])
      recordDeployment(file, 10, { ...entry, fromBlock: 8 })
      expect(JSON.parse(readFileSync(file, 'utf8'))['10'].fromBlock).to.equal(8)
      recordDeployment(file, 10, entry)
      expect(readFileSync(file, 'utf8')).to.equal(written)
    })
  })
})
