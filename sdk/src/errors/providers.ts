import type { Address } from 'viem'
import type { Resources } from '../types/resources.ts'
import { formatAmount, formatResources } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The provider's reputation is below what the job asks for. */
export class ProvidersReputationTooLowError extends ContractError {
  readonly provider: Address
  readonly reputation: bigint
  readonly required: bigint

  constructor(
    parameters: { provider: Address; reputation: bigint; required: bigint } & ContractErrorContext,
  ) {
    const { provider, reputation, required, ...context } = parameters
    super("Reputation is below the job's floor.", {
      ...context,
      name: 'ProvidersReputationTooLowError',
      facts: {
        Provider: provider,
        Reputation: formatAmount(reputation),
        Required: formatAmount(required),
      },
      remedy: 'Claim jobs with a lower floor: every settled job adds the fee that it paid.',
    })
    this.provider = provider
    this.reputation = reputation
    this.required = required
  }
}

/** The provider declares less than the job needs. */
export class ProvidersResourcesTooLowError extends ContractError {
  readonly provider: Address
  readonly offered: Resources
  readonly required: Resources

  constructor(
    parameters: { provider: Address; offered: Resources; required: Resources } & ContractErrorContext,
  ) {
    const { provider, offered, required, ...context } = parameters
    super('Declared resources are below what the job needs.', {
      ...context,
      name: 'ProvidersResourcesTooLowError',
      facts: {
        Provider: provider,
        Offered: formatResources(offered),
        Required: formatResources(required),
      },
      remedy: 'Claim smaller jobs, or declare what the machine really has with `updateProvider`.',
    })
    this.provider = provider
    this.offered = offered
    this.required = required
  }
}

/** The provider holds as many jobs as it declared, or never registered. */
export class ProvidersConcurrencyReachedError extends ContractError {
  readonly provider: Address
  readonly active: number
  readonly concurrency: number

  constructor(parameters: { provider: Address; active: number; concurrency: number } & ContractErrorContext) {
    const { provider, active, concurrency, ...context } = parameters
    super('Provider takes no further job.', {
      ...context,
      name: 'ProvidersConcurrencyReachedError',
      facts: { Provider: provider, 'Active claims': active, Concurrency: concurrency },
      remedy:
        concurrency === 0
          ? 'Register with `updateProvider` and a concurrency of at least 1.'
          : 'Wait until a claim is final, or declare a higher concurrency with `updateProvider`.',
    })
    this.provider = provider
    this.active = active
    this.concurrency = concurrency
  }
}

/** The provider would have more locked than its reputation allows. */
export class ProvidersExposureExceededError extends ContractError {
  readonly provider: Address
  readonly locked: bigint
  readonly bond: bigint
  readonly limit: bigint

  constructor(
    parameters: { provider: Address; locked: bigint; bond: bigint; limit: bigint } & ContractErrorContext,
  ) {
    const { provider, locked, bond, limit, ...context } = parameters
    super("Bond exceeds the provider's exposure limit.", {
      ...context,
      name: 'ProvidersExposureExceededError',
      facts: {
        Provider: provider,
        Locked: formatAmount(locked),
        Bond: formatAmount(bond),
        Limit: formatAmount(limit),
      },
      remedy: 'Wait until a claim is final, or claim cheaper jobs: reputation raises the limit.',
    })
    this.provider = provider
    this.locked = locked
    this.bond = bond
    this.limit = limit
  }
}

/** The endpoint's URL is too long to be stored. */
export class ProvidersEndpointTooLongError extends ContractError {
  readonly length: number
  readonly max: number

  constructor(parameters: { length: number; max: number } & ContractErrorContext) {
    const { length, max, ...context } = parameters
    super('Endpoint is too long.', {
      ...context,
      name: 'ProvidersEndpointTooLongError',
      facts: { Length: `${length} bytes`, Limit: `${max} bytes` },
      remedy: 'Serve results under a shorter URL.',
    })
    this.length = length
    this.max = max
  }
}
