import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Checkout, createCheckout } from './checkout.ts'

const scripts = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'scripts')
const native = `@nomicfoundation/edr-${process.platform}-${process.arch}-gnu`

/** An npm that takes its time, writes down that it ran, and leaves the packages there. */
const npm = `#!/bin/sh
echo "$@" >> npm.log
[ -e npm.fails ] && { echo 'npm error code ENOTFOUND' >&2; exit 1; }
sleep 0.3
mkdir -p node_modules/.bin node_modules/${native} node_modules/@nomicfoundation/edr
echo '{ "optionalDependencies": { "${native}": "1" } }' > node_modules/@nomicfoundation/edr/package.json
`

describe('bootstrap: the whole', () => {
  let checkout: Checkout

  beforeEach(() => {
    checkout = createCheckout({
      'package.json': '{ "type": "module" }',
      'package-lock.json': '{ "packages": { "": {} } }',
      'tools/npm': npm,
    })
    chmodSync(join(checkout.root, 'tools/npm'), 0o755)
    cpSync(join(scripts, 'bootstrap.mjs'), join(checkout.root, 'scripts/bootstrap.mjs'))
    cpSync(join(scripts, 'bootstrap'), join(checkout.root, 'scripts/bootstrap'), { recursive: true })
  })

  afterEach(() => checkout.remove('.'))

  function start(...args: string[]) {
    const child = spawn(process.execPath, ['scripts/bootstrap.mjs', ...args], {
      cwd: checkout.root,
      env: { PATH: `${join(checkout.root, 'tools')}:${process.env.PATH}` },
    })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => {
      said.stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      said.stderr += chunk
    })
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }))
    return { child, ended }
  }
  const npmRuns = () => readFileSync(join(checkout.root, 'npm.log'), 'utf8').trim().split('\n').length

  it('installs once, then runs the command and leaves stdout to it', async () => {
    const first = await start('node', '-p', '6 * 7').ended
    expect(first).to.deep.include({ code: 0, stdout: '42\n' })
    expect(first.stderr).to.include('installing packages')
    const second = await start('node', '-p', '6 * 7').ended
    expect(second).to.deep.include({ code: 0, stdout: '42\n', stderr: '' })
    expect(npmRuns()).to.equal(1)
  })

  it('lets two starts at once share one installation', async () => {
    const ended = await Promise.all([start('node', '-p', '1').ended, start('node', '-p', '2').ended])
    expect(ended.map(({ code, stdout }) => [code, stdout])).to.deep.equal([
      [0, '1\n'],
      [0, '2\n'],
    ])
    expect(npmRuns()).to.equal(1)
    expect(existsSync(join(checkout.root, '.toolchain/lock'))).to.equal(false)
  })

  it('starts again after one that was killed half-way', async () => {
    const killed = start('node', '-p', '1')
    await once(killed.child.stderr, 'data')
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(await start('node', '-p', '2').ended).to.deep.include({ code: 0, stdout: '2\n' })
  })

  it('ends with the exit code of the command', async () => {
    expect((await start('node', '-e', 'process.exit(3)').ended).code).to.equal(3)
  })

  it('passes a signal on, and ends by it if the command does', async () => {
    await start().ended
    const polite = start(
      'node',
      '-e',
      "process.on('SIGTERM', () => process.exit(5)); console.log(''); setInterval(() => {}, 1000)",
    )
    await once(polite.child.stdout, 'data')
    polite.child.kill('SIGTERM')
    expect(await polite.ended).to.deep.include({ code: 5, signal: null })

    const plain = start('node', '-e', "console.log(''); setInterval(() => {}, 1000)")
    await once(plain.child.stdout, 'data')
    plain.child.kill('SIGINT')
    expect(await plain.ended).to.deep.include({ code: null, signal: 'SIGINT' })
  })

  it('ends the installation when told to stop, and frees the lock', async () => {
    const stopped = start('node', '-p', '1')
    await once(stopped.child.stderr, 'data')
    stopped.child.kill('SIGTERM')
    expect(await stopped.ended).to.deep.include({ signal: 'SIGTERM', stdout: '' })
    expect(existsSync(join(checkout.root, '.toolchain/lock'))).to.equal(false)
    expect(existsSync(join(checkout.root, 'node_modules'))).to.equal(false)
  })

  it('says in words why it cannot go on, and does not run the command', async () => {
    checkout.write('npm.fails', '')
    const { code, stdout, stderr } = await start('node', '-p', '1').ended
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.include('The npm registry cannot be reached.').and.not.include('    at ')
  })

  it('names a command that does not exist', async () => {
    const { code, stderr } = await start('no-such-command').ended
    expect(code).to.equal(1)
    expect(stderr).to.include('no command no-such-command')
  })
})
