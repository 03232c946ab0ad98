import { type AbiParameter, keccak256, toBytes } from 'viem'
import {
  assayTokenAbi,
  attestationAbi,
  disputeGameAbi,
  jobMarketAbi,
  replicationAbi,
  timelockAbi,
} from '../../sdk/src/abis.ts'
import { errorSlug } from '../../sdk/src/errors/base.ts'
import { jobStatuses } from '../../sdk/src/types/job.ts'
import { nextStep } from '../../sdk/src/utils/nextStep.ts'
import type { ErrorClass } from './readErrors.ts'

/** Parts of the page: a title, a sentence, and the sources whose classes stand there. */
const parts: readonly { title: string; about: string; files: readonly string[] }[] = [
  {
    title: 'Jobs on the chain',
    about: 'The market refuses to move a job.',
    files: ['market.ts', 'agreements.ts', 'providers.ts', 'parameters.ts'].map(inSdk),
  },
  {
    title: 'Assurance levels on the chain',
    about: 'The contract behind the level Attested or Replicated refuses.',
    files: ['attestation.ts', 'replication.ts'].map(inSdk),
  },
  {
    title: 'Disputes',
    about: 'The dispute game refuses a move, or there is nothing to dispute.',
    files: ['dispute.ts', 'disputeProofs.ts'].map(inSdk),
  },
  {
    title: 'Governance on the chain',
    about: 'The market or its timelock refuses to change the rules.',
    files: [inSdk('governance.ts')],
  },
  {
    title: 'Money on the chain',
    about: 'The market or its token refuses to move money.',
    files: ['account.ts', 'ledger.ts', 'access.ts', 'token.ts'].map(inSdk),
  },
  {
    title: 'Client, node, transactions',
    about: 'The node, the address or the account is not what is needed.',
    files: ['client.ts', 'rpc.ts'].map(inSdk),
  },
  {
    title: 'Following jobs',
    about: 'A job, an event or a result is not there.',
    files: ['jobs.ts', 'events.ts', 'run.ts'].map(inSdk),
  },
  {
    title: 'Contents',
    about: 'A store or a provider serves nothing, or something else.',
    files: [inSdk('content.ts')],
  },
  {
    title: 'Private jobs',
    about: 'A key, or what it should open, is not what the job is about.',
    files: [inSdk('private.ts')],
  },
  {
    title: 'Programs',
    about: 'A program is refused by reading it, before anything is posted or claimed.',
    files: [inSdk('program.ts')],
  },
  {
    title: 'The machine',
    about: 'An engine of the Assay VM, or a witness of one of its steps, is at fault, not the task.',
    files: ['fastMachine.ts', 'vm.ts'].map(inSdk),
  },
  { title: 'Formats', about: 'Bytes or numbers that no tree can hold.', files: [inSdk('trees.ts')] },
  { title: 'Audit', about: 'An audit ends without a report.', files: [inSdk('audit.ts')] },
  {
    title: 'Command line and provider',
    about: 'A command or the provider stops, or leaves a job alone.',
    files: ['runner/src/errors.ts', 'runner/src/executor/errors.ts'],
  },
  {
    title: 'Building programs',
    about: 'What `assay build` cannot make a program of.',
    files: ['runner/src/build/errors.ts'],
  },
  {
    title: 'Looking at programs',
    about: 'What `assay program`, `assay exec` and `assay trace` find wrong.',
    files: ['runner/src/machine/errors.ts'],
  },
  {
    title: 'Store and server',
    about: 'The content store of `assay up`, and the files and the port of a provider.',
    files: ['runner/src/store/errors.ts'],
  },
  {
    title: 'Parents',
    about: 'What `instanceof` may ask for.',
    files: ['base.ts', 'contractError.ts'].map(inSdk),
  },
]

const introduction = `# Errors

What each error of the packages \`assay\` and \`assay-runner\` means, and what to do about it. This page is generated from the
classes by \`scripts/generate-errors.ts\`.

\`\`\`
AccountInsufficientBalanceError: Balance in the market is too small.

Balance:  0 ASSAY
Required: 1 ASSAY
Call:     post
Deposit at least 1 ASSAY with \`deposit\`.

Docs: docs/errors.md#account-insufficient-balance
\`\`\`

A message is a short first line, the facts, what to do, and the place on this page. \`…\` stands for a value.

- From TypeScript: \`isAssayError(error)\` tells whether an error is one of these; \`error.name\` does not change,
  \`error.shortMessage\` is the first line, \`error.metaMessages\` the facts and the remedy, \`error.cause\` what was behind it.
- \`error.retryable\` is true where the same call may succeed later without anybody changing anything.
- Every transaction is simulated first: what the contract would refuse arrives before gas is spent, as the class of the same
  name. All of these carry \`functionName\`, the call that was refused (\`Call\` among the facts).
- On the command line errors go to stderr and the exit code is 1, for [UsageError](#usage) 2. With \`--json\` the error is one
  line \`{"error": name, "message": first line, "details": whole message}\`. \`ASSAY_DEBUG=1\` adds the stack of an error that is
  none of these.
`

/**
 * The page `docs/errors.md`.
 *
 * @throws SyntaxError when a class has no comment, no remedy and no reason for that, or a place on the page of no part
 */
export function renderErrors(classes: readonly ErrorClass[]): string {
  const files = new Set(parts.flatMap((part) => part.files))
  const homeless = classes.filter(({ file }) => !files.has(file))
  if (homeless.length > 0)
    throw new SyntaxError(`no part of the page for ${homeless.map(({ name, file }) => `${name} (${file})`)}`)
  const byName = new Map(classes.map((one) => [one.name, one]))
  const sections = parts.map(({ title, about, files }) => {
    const own = files.flatMap((file) => classes.filter((one) => one.file === file))
    return [`## ${title}\n\n${about}\n`, ...own.map((one) => renderError(one, byName))].join('\n')
  })
  return [introduction, ...sections, nextSteps()].join('\n')
}

function renderError(one: ErrorClass, byName: ReadonlyMap<string, ErrorClass>): string {
  const { name, parent, meaning, messages, facts, fields, remedies, stepsByStatus } = one
  if (meaning === '') throw new SyntaxError(`${name} needs a comment that says what it means`)
  const remedy = [...remedies, ...(stepsByStatus ? ['The [next step](#next-steps) for its status.'] : [])]
  const retryable = retryableOf(one, byName)
  const definition = lineage(one, byName).includes('ContractError') ? definitionOf(name) : undefined
  const lines = [
    ...messages.map((message) => `- Says: *${message}*`),
    ...(facts.length > 0 ? [`- Facts: ${facts.join(', ')}`] : []),
    ...(fields.length > 0 ? [`- Fields: ${fields.map((field) => `\`${field}\``).join(', ')}`] : []),
    ...(definition !== undefined
      ? [`- Contract: \`${definition.signature}\`, selector \`${definition.selector}\``]
      : []),
    ...(parent !== 'AssayError' && definition === undefined ? [`- Extends: ${linkTo(parent, byName)}`] : []),
    ...(retryable === false ? [] : [`- Retryable${retryable === undefined ? ': depends on the case' : ''}`]),
    ...(remedy.length === 1 ? [`- Do: ${remedy[0]}`] : []),
    ...(remedy.length > 1 ? ['- Do, as the case may be:', ...remedy.map((text) => `  - ${text}`)] : []),
  ]
  return `### <a id="${errorSlug(name)}"></a>${name}\n\n${meaning}\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}`
}

function lineage(one: ErrorClass, byName: ReadonlyMap<string, ErrorClass>): string[] {
  const parent = byName.get(one.parent)
  return parent === undefined ? [] : [parent.name, ...lineage(parent, byName)]
}

/** A class's own word, else that of its nearest parent that has one. */
function retryableOf(one: ErrorClass, byName: ReadonlyMap<string, ErrorClass>): boolean | undefined {
  const parent = byName.get(one.parent)
  return one.retryable === false && parent !== undefined ? retryableOf(parent, byName) : one.retryable
}

function linkTo(name: string, byName: ReadonlyMap<string, ErrorClass>): string {
  return byName.has(name) ? `[${name}](#${errorSlug(name)})` : `viem's \`${name}\``
}

const abis = [
  ...jobMarketAbi,
  ...assayTokenAbi,
  ...attestationAbi,
  ...replicationAbi,
  ...disputeGameAbi,
  ...timelockAbi,
]
const abiErrors = abis.filter((item) => item.type === 'error')

/** The Solidity error of a class and its selector; undefined for a class that no contract knows. */
function definitionOf(className: string): { signature: string; selector: string } | undefined {
  const name = className.replace(/Error$/, '')
  const item = abiErrors.find((error) => error.name === name)
  if (item === undefined) return undefined
  const inputs = item.inputs as readonly AbiParameter[]
  const selector = keccak256(toBytes(`${name}(${inputs.map(({ type }) => type)})`)).slice(0, 10)
  const declared = inputs.map(({ type, name: parameter }) => `${type} ${parameter}`)
  return { signature: `${name}(${declared.join(', ')})`, selector }
}

function nextSteps(): string {
  const rows = jobStatuses.map((status) => `| \`${status}\` | ${nextStep(status)} |`)
  const about = 'Who may do what with a job of each status ([jobs.md](jobs.md)).'
  return `## Next steps\n\n${about}\n\n| status | next |\n|---|---|\n${rows.join('\n')}\n`
}

function inSdk(file: string): string {
  return `sdk/src/errors/${file}`
}
