import { existsSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { build, type Step, selectSteps, staleSteps } from '../../scripts/bootstrap/build.mjs'
import { type Checkout, createCheckout, muteStderr } from './checkout.ts'

const steps: Step[] = [
  {
    name: 'first',
    needs: ['in/*.txt'],
    inputs: ['in/**/*.txt', '!in/ignored.txt'],
    outputs: ['out/first'],
    after: [],
    command: ['make', 'first'],
  },
  {
    name: 'second',
    needs: ['second.txt'],
    inputs: ['second.txt', 'tree/**'],
    outputs: ['out/second'],
    after: ['first'],
    command: ['make', 'second'],
  },
]

describe('bootstrap: build steps', () => {
  muteStderr()
  let checkout: Checkout
  let ran: string[]
  let whileRunning: () => unknown
  let exitCode: number

  beforeEach(() => {
    checkout = createCheckout({ 'in/a.txt': 'a', 'second.txt': '2' })
    ran = []
    whileRunning = () => {}
    exitCode = 0
  })

  afterEach(() => checkout.remove('.'))

  const run = async (_command: string, [name = '']: string[]) => {
    ran.push(name)
    whileRunning()
    if (exitCode === 0) checkout.write(`out/${name}`, 'made')
    return { code: exitCode, output: 'what the tool said', missing: false }
  }

  /** The steps that ran. */
  const buildAll = async (chosen = steps, salt = 'packages') => {
    ran = []
    await build(checkout.root, chosen, salt, run, {})
    return ran
  }
  const stale = (salt = 'packages') => staleSteps(checkout.root, steps, salt).map(({ name }) => name)

  describe('given nothing was built yet', () => {
    it('runs every step, in order', async () => {
      expect(stale()).to.deep.equal(['first', 'second'])
      expect(await buildAll()).to.deep.equal(['first', 'second'])
    })

    it('leaves out a step whose files do not exist', async () => {
      checkout.remove('second.txt')
      expect(await buildAll()).to.deep.equal(['first'])
    })
  })

  describe('given everything was built', () => {
    beforeEach(() => buildAll())

    it('has nothing to do', async () => {
      expect(stale()).to.deep.equal([])
      expect(await buildAll()).to.deep.equal([])
    })

    it('runs a step again when a file came anywhere below a folder', async () => {
      checkout.write('tree/branch/leaf.txt', 'new')
      expect(await buildAll()).to.deep.equal(['second'])
    })

    it('has nothing to do when files only got a new date', async () => {
      utimesSync(join(checkout.root, 'in/a.txt'), new Date(), new Date(0))
      expect(await buildAll()).to.deep.equal([])
    })

    it('runs a step again, and those after it, when an input changed', async () => {
      checkout.write('in/a.txt', 'b')
      expect(stale()).to.deep.equal(['first', 'second'])
      expect(await buildAll()).to.deep.equal(['first', 'second'])
    })

    it('runs only the later step when only its input changed', async () => {
      checkout.write('second.txt', '3')
      expect(await buildAll()).to.deep.equal(['second'])
    })

    it('notices an added, a removed and a renamed input', async () => {
      checkout.write('in/deep/b.txt', 'b')
      expect(stale()).to.include('first')
      await buildAll()
      checkout.remove('in/deep/b.txt')
      expect(stale()).to.include('first')
      checkout.write('in/deep/c.txt', 'b')
      expect(stale()).to.include('first')
    })

    it('does not look at files its patterns take away', async () => {
      checkout.write('in/ignored.txt', 'new')
      expect(stale()).to.deep.equal([])
    })

    it('runs a step again when its output is gone', async () => {
      checkout.remove('out/second')
      expect(await buildAll()).to.deep.equal(['second'])
    })

    it('runs everything again when the packages changed', () => {
      expect(stale('other packages')).to.deep.equal(['first', 'second'])
    })

    it('runs a step again when its command changed', async () => {
      const changed = steps.map((step) =>
        step.name === 'second' ? { ...step, command: ['make', 'second', '-B'] } : step,
      )
      expect(await buildAll(changed)).to.deep.equal(['second'])
    })
  })

  describe('given an input changes while its step runs', () => {
    it('runs the step again at the next start', async () => {
      whileRunning = () => ran.length === 2 && checkout.write('second.txt', 'changed meanwhile')
      await buildAll()
      expect(stale()).to.deep.equal(['second'])
    })
  })

  describe('given a step writes an input of the next one', () => {
    it('is fresh afterwards', async () => {
      whileRunning = () => ran.length === 1 && checkout.write('second.txt', 'generated')
      await buildAll()
      expect(stale()).to.deep.equal([])
    })
  })

  describe('given a step fails', () => {
    it('says so with the output of the tool, and tries again even if the input is back to what was once built', async () => {
      await buildAll()
      checkout.write('in/a.txt', 'broken')
      exitCode = 1
      const error = await buildAll().catch((error: unknown) => error)
      expect(String(error)).to.include('Building first failed').and.include('what the tool said')
      checkout.write('in/a.txt', 'a')
      expect(stale()).to.include('first')
    })

    it('says so when a step ends well but writes nothing', async () => {
      const lost = steps.map((step) => ({ ...step, outputs: ['elsewhere'] }))
      const error = await buildAll(lost).catch((error: unknown) => error)
      expect(String(error)).to.include('did not write elsewhere')
      expect(existsSync(join(checkout.root, '.toolchain/stamps/first'))).to.equal(false)
    })
  })

  describe('given names of steps', () => {
    it('adds what they come after', () => {
      expect(selectSteps(steps, 'second').map(({ name }) => name)).to.deep.equal(['first', 'second'])
      expect(selectSteps(steps, 'first').map(({ name }) => name)).to.deep.equal(['first'])
      expect(selectSteps(steps, 'none')).to.deep.equal([])
    })

    it('names the known ones when one is unknown', () => {
      expect(() => selectSteps(steps, 'third'))
        .to.throw('no build step third')
        .with.property('message')
        .that.includes('first, second')
    })

    it('keeps the stamps of a partial build for the full one', async () => {
      await buildAll(selectSteps(steps, 'first'))
      expect(readFileSync(join(checkout.root, '.toolchain/stamps/first'), 'utf8')).to.match(/^[0-9a-f]{64}$/)
      expect(await buildAll()).to.deep.equal(['second'])
    })
  })
})
