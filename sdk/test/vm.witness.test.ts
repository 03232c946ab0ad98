import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Hex, hexToBytes, toHex } from 'viem'
import { WitnessError } from '../src/errors/vm.ts'
import { flag, opcodes } from '../src/vm/isa.ts'
import { stepWithWitness } from '../src/vm/proof/stepWithWitness.ts'
import { witness } from '../src/vm/proof/witness.ts'
import { ReferenceMachine } from '../src/vm/reference/machine.ts'
import { seed, seeded } from './helpers/property.ts'
import { sampleJob } from './helpers/vmProgram.ts'
import {
  instruction,
  jobOf,
  machineOf,
  programOf,
  Random,
  randomMachine,
  randomWord,
} from './helpers/vmStates.ts'

type Step = { form: string; name: string; outcome: string; witness: Hex; before: Hex; after: Hex }
const vectors: { steps: Step[] } = JSON.parse(
  readFileSync(new URL('../../test/vectors/vm.json', import.meta.url), 'utf8'),
)

/** The machine's next step, proven: its witness, after which the machine has made it. */
function provenStep(machine: ReferenceMachine, context: string): Uint8Array {
  const packed = witness(machine)
  const states = stepWithWitness(packed)
  expect(states.before, `before, ${context}`).to.equal(machine.stateHash())
  machine.step()
  expect(states.after, `after, ${context}`).to.equal(machine.stateHash())
  return packed
}

/** The hash that a witness is about, or undefined where it is refused as one. */
function stateOf(packed: Uint8Array): Hex | undefined {
  try {
    return stepWithWitness(packed).before
  } catch (error) {
    if (error instanceof WitnessError) return undefined
    throw error
  }
}

describe('Witnesses', () => {
  describe('given a machine in any state', () => {
    for (const { name } of opcodes)
      it(seeded(`should prove ${name}`), () => {
        const random = new Random(seed)
        for (let run = 0; run < 12; run++)
          provenStep(randomMachine(random, randomWord(random, name)), `run ${run}`)
      })

    it(seeded('should prove any word, and steps that follow'), () => {
      const random = new Random(seed)
      for (let run = 0; run < 200; run++) {
        const machine = randomMachine(random, randomWord(random))
        for (let step = 0; step < 3; step++) provenStep(machine, `run ${run}, step ${step}`)
      }
    })
  })

  describe('given a whole task', () => {
    it('should prove every step of it, and the one of the ended state', () => {
      const machine = new ReferenceMachine(sampleJob())
      let longest = 0
      for (let step = 0; machine.ending === undefined; step++)
        longest = Math.max(longest, provenStep(machine, `step ${step}`).length)
      expect(longest).to.be.at.most(3_900)
      const packed = provenStep(machine, 'ended')
      expect(packed.length).to.equal(54)
      expect(stateOf(packed)).to.equal(machine.stateHash())
    })

    it('should prove steps of frames that are deep below each other', () => {
      const { constantA, hasValue } = flag
      const machine = new ReferenceMachine(
        jobOf(
          programOf([
            instruction('i32.add', { d: 0, a: 0, flags: flag.constantB, y: 1n }),
            instruction('jump_unless', { a: 9, t: 3, flags: 0 }),
            instruction('return', { flags: constantA | hasValue, x: 5n }),
            instruction('arg', { a: 0, t: 0 }),
            instruction('arg', { a: 8, t: 8 }),
            instruction('arg', { a: 8, t: 9 }),
            instruction('move', { d: 8, flags: constantA, x: 1n }),
            instruction('call', { d: 7, t: 0, x: 20n }),
            instruction('return', { a: 7, flags: hasValue }),
          ]),
        ),
      )
      for (let step = 0; machine.ending === undefined && step < 200; step++) {
        if (step === 120) machine.frame.setValue(9, 1n)
        provenStep(machine, `step ${step}`)
      }
    })
  })

  describe('given the longest step', () => {
    it('should stay below 3,900 bytes, where gas begins to be counted by the byte', () => {
      const machine = machineOf([
        instruction('select', { d: 0, a: 250, b: 500, c: 1_000 }),
        instruction('memory_copy', { a: 250, b: 500, c: 1_000 }),
      ])
      const random = new Random(1)
      for (let slot = 0; slot < 1_024; slot++) machine.frame.setValue(slot, random.u64())
      expect(provenStep(machine, 'select').length).to.be.at.most(3_900)
      machine.frame.setValue(250, 130n)
      machine.frame.setValue(500, 61_000n)
      machine.frame.setValue(1_000, 128n)
      for (let page = 0; page < 65_536; page += 128) machine.memory.write(page, random.bytes(8))
      expect(provenStep(machine, 'memory_copy').length).to.be.at.most(3_900)
    })
  })

  describe('given the vectors', () => {
    it('should lead from state to state', () => {
      for (const { witness: packed, before, after } of vectors.steps)
        expect(stepWithWitness(hexToBytes(packed))).to.deep.equal({ before, after })
    })

    it('should leave a witness as it is, also one in a Buffer', () => {
      for (const { witness: packed } of vectors.steps) {
        const bytes = Buffer.from(hexToBytes(packed))
        stepWithWitness(bytes)
        expect(toHex(bytes)).to.equal(packed)
      }
    })

    it('should have a step of every form that goes on, traps or ends', () => {
      const forms = new Set(vectors.steps.map(({ form }) => form))
      expect([...forms].sort()).to.deep.equal([...new Set(opcodes.map(({ form }) => form))].sort())
    })
  })

  describe('given a witness that was tampered with', () => {
    const perForm = new Map(vectors.steps.map((step) => [`${step.form} ${step.outcome}`, step]))
    const usual = [...perForm.values()].filter(({ outcome }) => /running|repeating|halted/.test(outcome))

    for (const { form, outcome, witness: hex, before } of usual)
      it(
        seeded(`should be about another state or refused, whichever byte is flipped: ${form}, ${outcome}`),
        () => {
          const packed = hexToBytes(hex)
          const random = new Random(seed)
          for (let at = 0; at < packed.length; at += 1 + random.below(6)) {
            const flipped = packed.slice()
            flipped[at]! ^= 1 << random.below(8)
            expect(stateOf(flipped), `byte ${at}`).not.to.equal(before)
          }
        },
      )

    it('should be refused if it is cut short or goes on', () => {
      for (const { witness: hex, before } of usual) {
        const packed = hexToBytes(hex)
        for (const cut of [0, 1, 60, 146, 147, packed.length - 33, packed.length - 1])
          expect(stateOf(packed.subarray(0, cut))).not.to.equal(before)
        expect(stateOf(new Uint8Array([...packed, 0]))).to.equal(undefined)
      }
    })

    it('should not take a part of another step', () => {
      const parts = usual.map(({ witness: hex }) => hexToBytes(hex))
      for (const [index, packed] of parts.entries()) {
        const other = parts[(index + 1) % parts.length]!
        for (const [from, to] of [
          [7, 39],
          [39, 71],
          [71, 103],
          [103, 115],
          [115, 147],
          [147, 283],
        ] as const) {
          const mixed = packed.slice()
          mixed.set(other.subarray(from, to), from)
          if (toHex(mixed) === toHex(packed)) continue
          expect(stateOf(mixed), `bytes ${from} to ${to}`).not.to.equal(usual[index]!.before)
        }
      }
    })

    it('should be refused where table or input are not those of the job', () => {
      const table = [{ type: 1, weight: 5, pc: 3 }]
      const calls = machineOf([instruction('call_indirect', { a: 0, t: 1 })], [0n], { program: { table } })
      const packed = witness(calls)
      const needle = toHex(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 3)).slice(2)
      const at = (toHex(packed).slice(2).indexOf(needle) / 2) | 0
      const cheaper = packed.slice()
      cheaper[at + 7] = 1
      expect(() => stepWithWitness(cheaper)).to.throw(WitnessError, 'the table is not the program’s')

      const reads = machineOf([instruction('input_size')], [], { input: Uint8Array.of(1, 2, 3) })
      const sized = witness(reads)
      // Behind the head and two proofs of a leaf in trees that hold nothing else.
      const length = 147 + 2 * 136
      expect([...sized.subarray(length, length + 8)]).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 3])
      const longer = sized.slice()
      longer[length + 7] = 4
      expect(() => stepWithWitness(longer)).to.throw(WitnessError, 'the input is not the job’s')
    })

    it('should be refused if it is of no kind', () => {
      for (const kind of [0, 3, 255])
        expect(() => stepWithWitness(new Uint8Array(54).fill(kind))).to.throw(WitnessError, 'of no kind')
      expect(() => stepWithWitness(new Uint8Array(55).fill(2))).to.throw(WitnessError, 'bytes follow')
      expect(() => stepWithWitness(new Uint8Array(53).fill(2))).to.throw(WitnessError, 'too short')
      const returns = witness(machineOf([instruction('return')]))
      returns[returns.length - 1] = 2
      expect(() => stepWithWitness(returns)).to.throw(WitnessError, 'neither 0 nor 1')
    })
  })
})
