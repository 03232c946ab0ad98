import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'
import { marketOn } from './Assay.ts'

/** A market on a token that is there already. Besides the parameters of {@link marketOn}: the address `token`. */
export default buildModule('AssayOnToken', (m) =>
  marketOn(m, m.contractAt('AssayToken', m.getParameter('token'))),
)
