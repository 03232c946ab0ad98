import { expect } from 'chai'
import { opcodes } from '../src/vm/isa.ts'
import { stepWithWitness } from '../src/vm/stepWithWitness.ts'
import { witness } from '../src/vm/witness.ts'
import { seeded } from './helpers/property.ts'
import { Random, randomMachine, randomWord } from './helpers/vmStates.ts'

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

describe('Witnesses', () => {
  describe('given a machine in any state', () => {
    for (const name of opcodes.map(({ name }) => name))
      it(seeded(`should prove ${name}`), () => {
        const random = new Random(seed)
        for (let run = 0; run < 40; run++) {
          const machine = randomMachine(random, randomWord(random, name))
          const states = stepWithWitness(witness(machine))
          expect(states.before, 'before').to.equal(machine.stateHash())
          machine.step()
          expect(states.after, `after of run ${run}`).to.equal(machine.stateHash())
        }
      })
  })
})
