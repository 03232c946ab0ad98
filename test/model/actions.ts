import { type Hex, size } from 'viem'
import type { ReplicatedMarket } from './replication.ts'
import type { Address } from './terms.ts'

/** What can be done to a market: its calls that change something, and what happens beside it. */
export const calls = [
  'accept',
  'acceptOffer',
  'addParameters',
  'approve',
  'attest',
  'cancel',
  'cancelGroup',
  'cancelNonces',
  'captureSeed',
  'challengeClosed',
  'challengeOpened',
  'claim',
  'claimSigned',
  'collect',
  'collectFees',
  'commit',
  'conclude',
  'decide',
  'deliverKey',
  'deposit',
  'depositWithPermit',
  'descend',
  'fail',
  'failMany',
  'freezeBond',
  'gift',
  'mine',
  'openGame',
  'pausePosting',
  'post',
  'postMany',
  'postNode',
  'reject',
  'release',
  'resolve',
  'resumePosting',
  'reveal',
  'setFeeRecipient',
  'setGuardian',
  'settle',
  'settleMany',
  'stake',
  'submit',
  'timeOut',
  'transfer',
  'unstake',
  'updateProvider',
  'withdraw',
] as const

export type CallName = (typeof calls)[number]

/** The arguments of a call, without the caller. */
export type Arguments<K extends CallName> =
  Parameters<ReplicatedMarket[K]> extends [Address, ...infer Rest] ? Rest : never

/** One call by `from` in a block of time `at`. */
export type Action = { [K in CallName]: { call: K; from: Address; args: Arguments<K>; at: number } }[CallName]

export function act<K extends CallName>(call: K, from: Address, at: number, ...args: Arguments<K>): Action {
  return { call, from, args, at } as unknown as Action
}

/** Lets the model do what the action says. */
export function perform(market: ReplicatedMarket, action: Action): void {
  const method = market[action.call] as (from: Address, ...args: readonly unknown[]) => void
  method.call(market, action.from, ...action.args)
}

/** The jobs that an action names. */
export function jobsOf(action: Action, market: ReplicatedMarket): readonly Hex[] {
  switch (action.call) {
    case 'settleMany':
    case 'failMany':
      return action.args[0]
    case 'accept':
    case 'cancel':
    case 'challengeClosed':
    case 'challengeOpened':
    case 'claim':
    case 'commit':
    case 'conclude':
    case 'decide':
    case 'deliverKey':
    case 'fail':
    case 'freezeBond':
    case 'reject':
    case 'release':
    case 'reveal':
    case 'settle':
    case 'submit':
      return [action.args[0]]
    case 'transfer':
      return size(action.args[2]) === 32 ? [action.args[2]] : []
    case 'descend':
      return [action.args[0].claim.jobId]
    case 'collect':
    case 'postNode':
    case 'timeOut':
      return [action.args[1].claim.jobId]
    case 'attest':
    case 'openGame':
      return [market.idOf(action.args[0], action.args[1])]
    case 'cancelGroup':
    case 'resolve':
      return (market.groups.get(action.args[0])?.jobIds ?? []).filter((id) => id !== undefined)
    default:
      return []
  }
}

/** One line, with everything needed to do it by hand. */
export function describeAction(action: Action, nameOf: (address: Address) => string): string {
  const show = (_key: string, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value !== 'string' || !value.startsWith('0x')) return value
    return value.length === 42
      ? nameOf(value as Address)
      : value.length > 12
        ? `${value.slice(0, 10)}…`
        : value
  }
  const args = action.args.map((arg) => JSON.stringify(arg, show).replaceAll('"', '')).join(', ')
  return `${action.at} ${nameOf(action.from)}.${action.call}(${args})`
}
