/** A value that is made when it is first asked for, once. */
export class Lazy<T> {
  readonly #make: () => Promise<T>
  #value: Promise<T> | undefined

  constructor(make: () => Promise<T>) {
    this.#make = make
  }

  get(): Promise<T> {
    this.#value ??= this.#make()
    return this.#value
  }
}
