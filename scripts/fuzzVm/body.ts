import { leb, signedLeb } from '../../sdk/test/helpers/wasmBytes.ts'
import { constant, type FunctionType, type ValueType, valueTypes } from './encode.ts'
import { accesses, type Numeric, numerics } from './instructions.ts'
import { all, BodyWriter, op } from './writer.ts'

const maxDepth = 6
const stores = accesses.filter(({ isStore }) => isStore)

/** Writes one valid body at random. */
export class BodyGenerator extends BodyWriter {
  /** @returns the body without its last `end` */
  body(results: readonly ValueType[]): number[] {
    this.frames.push({ kind: 'body', height: 0, label: results, results, isDead: false })
    this.spendFuel()
    while (this.budget > 0) this.#statement()
    this.fit(results)
    return this.code
  }

  #statement(): void {
    const random = this.random
    const choice = random.below(1000)
    if (choice < 210) this.push(random.pick(all))
    else if (choice < 420) this.#numeric(random.pick(numerics))
    else if (choice < 540) this.#setLocal()
    else if (choice < 560 && this.stack.length > this.frame.height) this.dispose()
    else if (choice < 580) this.#setGlobal()
    else if (choice < 650) this.#store()
    else if (choice < 760) this.#block()
    else if (choice < 815) this.#branch()
    else if (choice < 890) this.#call()
    else if (choice < 920) this.#callIndirect()
    else if (choice < 945) this.#select()
    else if (choice < 965) this.#memory()
    else if (choice < 985) this.#host()
    else this.#rare()
  }

  #numeric({ name, code, params, result, traps }: Numeric): void {
    if (traps && name.includes('trunc') && !this.random.chance(15)) return
    this.ensure(params)
    // most divisors are not 0
    if (traps && params.length === 2 && this.random.chance(95)) {
      const type = params[0]!
      this.emit(
        ...constant(type, BigInt(1 + 2 * this.random.below(50))),
        type === 'i32' ? op.i32Or : op.i64Or,
      )
    }
    this.pop(params.length)
    this.emit(...code)
    this.stack.push(result)
  }

  #setLocal(): void {
    if (this.locals.length === 0) return
    const index = this.random.below(this.locals.length)
    const type = this.locals[index]!
    this.ensure([type])
    this.pop(1)
    if (this.random.chance(60)) this.emit(op.localSet, ...leb(index))
    else {
      this.emit(op.localTee, ...leb(index))
      this.stack.push(type)
    }
  }

  #setGlobal(): void {
    const { globals, fuel, sink } = this.around
    const mutable = globals.flatMap(({ mutable }, index) =>
      mutable && index !== fuel && index !== sink ? [index] : [],
    )
    if (mutable.length === 0) return
    const index = this.random.pick(mutable)
    this.ensure([globals[index]!.type])
    this.pop(1)
    this.emit(op.globalSet, ...leb(index))
  }

  #store(): void {
    const access = this.random.pick(stores)
    this.address()
    this.push(access.type)
    this.pop(2)
    this.access(access)
  }

  #block(): void {
    const random = this.random
    if (this.frames.length > maxDepth) return
    const kind = random.pick(['block', 'loop', 'if', 'block'] as const)
    if (kind === 'if') this.push('i32')
    if (kind === 'if') this.pop(1)
    const available = this.stack.length - this.frame.height
    const taken = random.chance(60) ? 0 : random.below(Math.min(4, available + 1))
    const params = this.stack.slice(this.stack.length - taken)
    const results = random.chance(40) ? [] : Array.from({ length: random.below(4) }, () => random.pick(all))
    const isWhole = kind === 'if' && random.chance(30)
    const left = isWhole ? params : results

    this.emit(op[kind], ...this.#blockType(params, left))
    this.pop(taken)
    const height = this.stack.length
    const label = kind === 'loop' ? params : left
    const share = Math.min(this.budget, 3 + random.below(25))
    const rest = this.budget - share
    const part = () => {
      this.frames.push({ kind, height, label, results: left, isDead: false })
      this.stack.push(...params)
      this.budget = share
      if (kind === 'loop' && random.chance(95)) this.spendFuel()
      while (this.budget > 0) this.#statement()
      this.fit(left)
      this.frames.pop()
      this.stack.length = height
    }
    part()
    if (kind === 'if' && !isWhole) {
      this.emit(op.else)
      part()
    }
    this.emit(op.end)
    this.stack.push(...left)
    this.budget = rest
  }

  #blockType(params: readonly ValueType[], results: readonly ValueType[]): number[] {
    if (params.length === 0 && results.length === 0 && this.random.chance(90)) return [0x40]
    if (params.length === 0 && results.length === 1 && this.random.chance(90))
      return [valueTypes[results[0]!]]
    return signedLeb(BigInt(this.#typeIndex({ params, results })))
  }

  #typeIndex({ params, results }: FunctionType): number {
    const { types } = this.around
    const same = (left: FunctionType) =>
      left.params.join() === params.join() && left.results.join() === results.join()
    const found = types.findIndex(same)
    return found >= 0 ? found : types.push({ params, results }) - 1
  }

  #branch(): void {
    const random = this.random
    // mostly not to the end of the whole body
    const depth = random.below(Math.max(1, this.frames.length - (random.chance(85) ? 1 : 0)))
    const { label } = this.frames.at(-1 - depth)!
    switch (random.below(4)) {
      case 0: {
        // what follows is dead
        if (random.chance(50)) return
        this.ensure(label)
        this.emit(op.br, ...leb(depth))
        this.die()
        return
      }
      case 1: {
        const alike = this.frames.flatMap((frame, index) =>
          frame.label.join() === label.join() ? [this.frames.length - 1 - index] : [],
        )
        for (const type of label) this.push(type)
        this.push('i32')
        if (random.chance(50)) this.emit(...constant('i32', BigInt(random.pick([1, 3, 7]))), op.i32And)
        const targets = Array.from({ length: random.below(6) }, () => leb(random.pick(alike)))
        this.emit(op.brTable, ...leb(targets.length), ...targets.flat(), ...leb(depth))
        this.die()
        return
      }
      default: {
        this.ensure(label)
        this.push('i32')
        this.pop(label.length + 1)
        this.emit(op.brIf, ...leb(depth))
        this.stack.push(...label)
      }
    }
  }

  #call(): void {
    const { functions, types, hosts } = this.around
    const index = this.random.below(functions.length)
    if ([...hosts.values()].includes(index)) this.#host()
    else this.#apply(types[functions[index]!]!, [op.call, ...leb(index)])
  }

  #callIndirect(): void {
    const { types, table } = this.around
    const random = this.random
    const filled = table.flatMap((type, index) => (type === undefined ? [] : [index]))
    if (table.length === 0) return
    const isLawful = filled.length > 0 && random.chance(98)
    if (!isLawful && !random.chance(5)) return
    const place = isLawful ? random.pick(filled) : random.below(table.length + 2)
    const type = table[place] ?? random.below(types.length)
    const { params, results } = types[type]!
    // a structurally equal type is as good
    const equal = types.flatMap((other, index) =>
      other.params.join() === params.join() && other.results.join() === results.join() ? [index] : [],
    )
    this.ensure(params)
    this.emit(...constant('i32', BigInt(place)))
    this.pop(params.length)
    this.emit(op.callIndirect, ...leb(random.pick(equal)), 0)
    this.stack.push(...results)
  }

  #apply({ params, results }: FunctionType, code: readonly number[]): void {
    this.ensure(params)
    this.pop(params.length)
    this.emit(...code)
    this.stack.push(...results)
  }

  #select(): void {
    const type = this.random.pick(all)
    this.ensure([type, type, 'i32'])
    this.pop(3)
    this.emit(op.select)
    this.stack.push(type)
  }

  #memory(): void {
    const random = this.random
    const length = () => {
      this.emit(
        ...constant('i32', BigInt(random.chance(20) ? 0 : random.below(random.pick([20, 300, 2_000])))),
      )
      this.stack.push('i32')
    }
    switch (random.below(4)) {
      case 0:
        this.emit(op.memorySize, 0)
        this.stack.push('i32')
        return
      case 1:
        this.emit(...constant('i32', BigInt(random.chance(90) ? random.below(3) : random.next())))
        this.emit(op.memoryGrow, 0)
        this.stack.push('i32')
        return
      case 2:
        if (random.chance(50)) this.#overlapping()
        else {
          this.address()
          this.address()
        }
        length()
        this.pop(3)
        this.emit(0xfc, 10, 0, 0)
        return
      default:
        this.address()
        this.push('i32')
        length()
        this.pop(3)
        this.emit(0xfc, 11, 0)
    }
  }

  /** Two places near to each other. */
  #overlapping(): void {
    const first = 300 + this.random.below(60_000)
    const second = first + this.random.below(500) - 250
    this.emit(...constant('i32', BigInt(first)), ...constant('i32', BigInt(second)))
    this.stack.push('i32', 'i32')
  }

  /** Calls a host function with operands that mostly make sense. */
  #host(): void {
    const { hosts } = this.around
    const random = this.random
    if (hosts.size === 0) return
    const name = random.pick([...hosts.keys()])
    if (name === 'exit' && !random.chance(8)) return
    const number = (limit: number) => {
      if (random.chance(15)) this.push('i32')
      else {
        this.emit(...constant('i32', BigInt(random.below(limit))))
        this.stack.push('i32')
      }
    }
    const operands: Record<string, readonly (() => void)[]> = {
      input_size: [() => number(3)],
      input_read: [() => number(3), () => number(500), () => this.address(), () => number(400)],
      output_write: [() => this.address(), () => number(300)],
      exit: [() => this.push('i32')],
    }
    for (const operand of operands[name]!) operand()
    this.pop(operands[name]!.length)
    this.emit(op.call, ...leb(hosts.get(name)!))
    if (name.startsWith('input')) this.stack.push('i32')
  }

  #rare(): void {
    const random = this.random
    switch (random.below(6)) {
      case 0: {
        if (!random.chance(20)) return
        this.emit(op.unreachable)
        this.die()
        return
      }
      case 1: {
        if (!random.chance(50)) return
        this.ensure(this.frames[0]!.results)
        this.emit(op.return)
        this.die()
        return
      }
      case 2:
        this.emit(op.nop)
        return
      default: {
        if (this.stack.length > this.frame.height) this.dispose()
      }
    }
  }
}
