import { expect } from 'chai'

type ErrorClass<error> = abstract new (...args: never[]) => error

/** The error that a promise is rejected with; fails if it is fulfilled or the error is of another class. */
export async function rejection<error extends Error>(
  work: Promise<unknown>,
  errorClass: ErrorClass<error>,
): Promise<error> {
  const caught = await work.then(
    (value) => expect.fail(`expected a rejection with ${errorClass.name}, got ${String(value)}`),
    (error: unknown) => error,
  )
  if (caught instanceof errorClass) return caught
  throw caught
}

/** Everything that an async iterable yields. */
export async function collect<item>(items: AsyncIterable<item>): Promise<item[]> {
  const list: item[] = []
  for await (const item of items) list.push(item)
  return list
}
