import type { Address, Hex } from 'viem'
import { formatAmount } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The request or offer was not signed by whom it is said to be of, or says something else. */
export class AgreementWrongSignatureError extends ContractError {
  readonly signer: Address
  readonly digest: Hex

  constructor(parameters: { signer: Address; digest: Hex } & ContractErrorContext) {
    const { signer, digest, ...context } = parameters
    super('Agreement was not signed so.', {
      ...context,
      name: 'AgreementWrongSignatureError',
      facts: { Signer: signer, Digest: digest },
      remedy: 'Pass the terms, the parties and the market exactly as they were signed.',
    })
    this.signer = signer
    this.digest = digest
  }
}

/** The signer's nonce was used in another agreement, or cancelled. */
export class AgreementNonceSpentError extends ContractError {
  readonly signer: Address
  readonly nonce: bigint

  constructor(parameters: { signer: Address; nonce: bigint } & ContractErrorContext) {
    const { signer, nonce, ...context } = parameters
    super('Nonce is spent.', {
      ...context,
      name: 'AgreementNonceSpentError',
      facts: { Signer: signer, Nonce: nonce },
      remedy: 'Have an agreement with another `nonce` signed.',
    })
    this.signer = signer
    this.nonce = nonce
  }
}

/** The price of a signed job has more than 40 significant bits. */
export class JobAgreementPriceTooFineError extends ContractError {
  readonly price: bigint
  readonly multiple: bigint

  constructor(parameters: { price: bigint; multiple: bigint } & ContractErrorContext) {
    const { price, multiple, ...context } = parameters
    super('Price of a signed job is too fine.', {
      ...context,
      name: 'JobAgreementPriceTooFineError',
      facts: { Price: formatAmount(price), 'Multiple of': formatAmount(multiple) },
      remedy: 'Round the price to such a multiple.',
    })
    this.price = price
    this.multiple = multiple
  }
}
