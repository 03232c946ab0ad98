import { AssayError } from 'assay'
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { accountCommand } from '../commands/account.ts'
import { auditCommand } from '../commands/audit.ts'
import { buildCommand } from '../commands/build.ts'
import { disputeCommand } from '../commands/dispute.ts'
import { execCommand } from '../commands/exec.ts'
import { jobCommand, jobsCommand } from '../commands/job.ts'
import { programCommand } from '../commands/program.ts'
import { provideCommand } from '../commands/provide.ts'
import { providerCommand } from '../commands/provider.ts'
import { runCommand } from '../commands/run.ts'
import { traceCommand } from '../commands/trace.ts'
import { upCommand } from '../commands/up.ts'
import { watchCommand } from '../commands/watch.ts'
import { messageOf, UsageError } from '../errors.ts'

const OK = 0
const FAILED = 1
const USAGE = 2

/** The command line, before it is given arguments. */
export function createProgram(version: string): Command {
  const program = new Command('assay')
    .description('A marketplace for computation: post jobs, offer a machine, audit a market.')
    .version(version)
    .showHelpAfterError('(`--help` shows how to call it)')
    .exitOverride()
  for (const make of [
    upCommand,
    buildCommand,
    programCommand,
    execCommand,
    traceCommand,
    runCommand,
    jobCommand,
    jobsCommand,
    provideCommand,
    providerCommand,
    watchCommand,
    disputeCommand,
    accountCommand,
    auditCommand,
  ]) {
    program.addCommand(inheriting(make()))
  }
  return program
}

/** Runs the command line; resolves with the exit code: 0 ok, 1 error, 2 usage. */
export async function main(argv: readonly string[], version: string): Promise<number> {
  const json = argv.includes('--json')
  try {
    const program = createProgram(version)
    if (json) silence(program)
    await program.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? OK)
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return OK
      if (json) report(usageErrorFrom(error), json)
      return USAGE
    }
    report(error, json)
    return error instanceof UsageError ? USAGE : FAILED
  }
}

/** Subcommands throw instead of exiting, as the program does. */
function inheriting(command: Command): Command {
  command.exitOverride().showHelpAfterError('(`--help` shows how to call it)')
  for (const child of command.commands) inheriting(child)
  return command
}

/** Keeps a command from writing its own words about wrong usage. */
function silence(command: Command): void {
  command.configureOutput({ writeErr: () => {} })
  for (const child of command.commands) silence(child)
}

function usageErrorFrom({ code, message }: CommanderError): UsageError {
  return new UsageError({
    message: code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, ''),
    remedy: '`--help` shows how to call it.',
  })
}

/** One red line, the facts and the remedy on stderr; JSON where asked for. */
function report(error: unknown, json: boolean): void {
  const e = error instanceof Error ? error : { name: 'Error', message: String(error) }
  const short = messageOf(error)
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: e.name, message: short, details: e.message })}\n`)
  } else if (e instanceof AssayError) {
    const [first = '', ...rest] = e.message.split('\n')
    process.stderr.write(`${pc.red(`${e.name}: ${first}`)}\n${rest.join('\n')}\n`)
  } else {
    process.stderr.write(`${pc.red(`${e.name}: ${short}`)}\n`)
    if (process.env['ASSAY_DEBUG']) process.stderr.write(`${(e as Error).stack}\n`)
  }
}
