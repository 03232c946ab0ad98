import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFinalStatus } from 'assay'
import { expect } from 'chai'
import type { Command } from 'commander'
import { formatUnits } from 'viem'
import { defaultParameters } from '../../ignition/modules/Assay.ts'
import { createProgram } from '../../runner/src/cli/main.ts'
import { dataLimits } from '../../runner/src/commands/limits.ts'
import { createExecutor } from '../../runner/src/executor/pool.ts'
import { listFiles } from '../../scripts/bootstrap/files.mjs'
import * as rules from '../../sdk/src/audit/rules.ts'
import { jobStatuses } from '../../sdk/src/types/job.ts'

const assay = createProgram('0')
const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = listFiles(root, ['*.md', 'docs/**/*.md', 'contracts/*.md', 'examples/*.md'])

/** Cells of every row of the tables below a heading. */
function rowsBelow(page: string, heading: string): string[][] {
  const text = read(page)
  const start = text.indexOf(`\n## ${heading}\n`)
  expect(start, `${page}: ${heading}`).to.be.greaterThan(0)
  const end = text.indexOf('\n## ', start + 1)
  return text
    .slice(start, end < 0 ? undefined : end)
    .split('\n')
    .filter((line) => /^\| (?!-)/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
}

describe('links of the documentation', () => {
  /** As GitHub makes them of headings, and those that stand in the text. */
  const anchorsOf = (page: string) => {
    const text = read(page).replace(/```[\s\S]*?```/g, '')
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
    return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id)]
  }

  it('lead to anchors that are there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)]
        .map(
          ([, file = '', anchor = '']) => [file === '' ? page : join(dirname(page), file), anchor] as const,
        )
        .filter(([file, anchor]) => file.endsWith('.md') && !anchorsOf(file).includes(anchor))
        .map(([file, anchor]) => `${page}: ${file}#${anchor}`),
    )
    expect(broken).to.deep.equal([])
  })

  it('lead from the README to every page', () => {
    const readme = read('README.md')
    const linked = listFiles(root, ['docs/**/*.md']).filter((page) => !readme.includes(`(${page})`))
    expect(linked).to.deep.equal([])
  })
})

describe('commands in the documentation', () => {
  /** What follows `assay` in code, as words. */
  const calls = pages.flatMap((page) =>
    [...read(page).matchAll(/(?:^|`)(?:npm run assay -- |assay )([a-z][^`\n#]*)/gm)].map(
      ([, words = '']) => ({ page, words: words.trim().split(/\s+/) }),
    ),
  )

  it('are found', () => {
    expect(calls.length).to.be.greaterThan(20)
  })

  it('are commands, with options that they have', () => {
    const wrong = calls.filter(({ words }) => {
      let command: Command = assay
      for (const word of words) {
        const child = command.commands.find((each) => each.name() === word)
        if (child === undefined) break
        command = child
      }
      // A command of commands passes options on to its first one.
      const known = [command, ...command.commands].flatMap(({ options }) => options.map(({ long }) => long))
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0])
      return command === assay || options.some((option) => !known.includes(option))
    })
    expect(wrong.map(({ page, words }) => `${page}: assay ${words.join(' ')}`)).to.deep.equal([])
  })
})

describe('--help', () => {
  const helps = (command: Command): string[] => [
    command.helpInformation(),
    ...command.commands.flatMap(helps),
  ]

  it('is there for every command, with what it takes', () => {
    const texts = helps(assay)
    expect(texts.length).to.be.greaterThan(20)
    for (const text of texts) expect(text).to.match(/^Usage: [\s\S]*-h, --help/)
  })
})

describe('options in the documentation', () => {
  const tables = [
    { page: 'docs/requesters.md', name: 'run', defaultAt: 2, inherited: [] as string[] },
    {
      page: 'docs/providers.md',
      name: 'provide',
      defaultAt: 1,
      inherited: ['--rpc', '--market', '--key-file', '--demo-account', '--json'],
    },
  ]
  /** What a default that depends on the machine, or follows from another option, is called. */
  const spoken: Record<string, string> = {
    '--cores': 'all',
    '--slots': 'all cores',
    '--memory': 'half',
    '--window': '120 unless replicated',
    '--seats': '3 if replicated',
    '--spares': '0 if replicated',
    '--base-bps': '1000 if replicated',
    '--commit-time': 'as --run',
    '--reveal-time': '300 if replicated',
    '--draw-time': '300 if replicated',
    '--draw-bits': '0 if replicated',
    '--step-limit': '2^36',
  }
  for (const { page, name, defaultAt, inherited } of tables) {
    it(`${page} lists those of \`assay ${name}\` with their defaults`, () => {
      const { options } = assay.commands.find((command) => command.name() === name) as Command
      const rows = new Map(
        rowsBelow(page, 'Options').map((cells) => [/^`(--[\w-]+)/.exec(cells[0] ?? '')?.[1], cells]),
      )
      rows.delete(undefined)
      const expected = options.map(({ long }) => long).filter((long) => !inherited.includes(long ?? ''))
      expect([...rows.keys()]).to.have.members(expected)
      for (const { flags, long, defaultValue, envVar } of options) {
        const cells = rows.get(long ?? '')
        if (cells === undefined) continue
        expect(cells[0]).to.equal(`\`${flags}\``)
        if (envVar !== undefined) expect(cells.at(-1), flags).to.include(`\`${envVar}\``)
        const shown = cells[defaultAt]?.replaceAll('`', '') ?? ''
        const value = typeof defaultValue === 'bigint' ? formatUnits(defaultValue, 6) : defaultValue
        if (spoken[long ?? ''] !== undefined) expect(shown).to.equal(spoken[long ?? ''])
        else if (value !== undefined) expect(shown, flags).to.equal(String(value))
        else expect(shown, flags).to.not.match(/^\d/)
      }
    })
  }

  it('docs/requesters.md gives those of client.run the same defaults as the SDK', () => {
    const source = read('sdk/src/run/types.ts')
    const described = (field: string) =>
      new RegExp(`@default ([^*\\n]+?)\\s*\\*/\\n {2}${field}\\?`).exec(source)?.[1]
    const rows = rowsBelow('docs/requesters.md', 'Options')
    for (const field of ['ramp', 'run', 'window', 'claimFor', 'attempts']) {
      const row = rows.find((cells) => cells[1] === `\`${field}\``)
      expect(row?.[2], field).to.equal(described(field))
    }
  })
})

describe('TypeScript in the documentation', () => {
  /** What a page's snippets take for granted. */
  const given: Record<string, string> = {
    'README.md': 'declare const account: import("viem").Account, program: Uint8Array, inputs: Uint8Array[]',
    'docs/audit.md':
      'declare const client: import("assay").MarketClient, execute: import("assay").ExecuteTask',
    'docs/governance.md': 'declare const client: import("assay").MarketClient',
    'docs/sdk.md': '',
    'docs/vm/fast.md':
      'declare const program: import("assay/vm").ProgramImage, input: Uint8Array, shared: Uint8Array, stepLimit: bigint, maxOutput: number',
  }
  const snippetsOf = (page: string) =>
    [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)

  it('has the types that it needs', async function () {
    this.timeout(90_000)
    const folder = mkdtempSync(join(tmpdir(), 'assay-docs-'))
    try {
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
      const compilerOptions = { noEmit: true, customConditions: ['assay-source'], noUnusedLocals: false }
      const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
      for (const [page, declared] of Object.entries(given)) {
        const code = [...snippetsOf(page), declared].join('\n')
        writeFileSync(join(folder, `${page.replaceAll('/', '-')}.ts`), code)
      }
      const tsc = spawn(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder })
      let output = ''
      for (const stream of [tsc.stdout, tsc.stderr])
        stream.setEncoding('utf8').on('data', (text) => (output += text))
      const code = await new Promise((resolve) => tsc.once('close', resolve))
      expect(output).to.equal('')
      expect(code).to.equal(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is checked on every page that has some, but for fragments', () => {
    const fragments = ['docs/requesters.md', 'examples/README.md']
    const pagesWithSome = pages.filter((page) => snippetsOf(page).length > 0)
    expect(pagesWithSome).to.have.members([...Object.keys(given), ...fragments])
  })
})

describe('docs/jobs.md', () => {
  it('has a row for every status, and tells the final ones', () => {
    const rows = rowsBelow('docs/jobs.md', 'Statuses').slice(1)
    const statuses = jobStatuses.filter((status) => status !== 'none')
    expect(rows.map(([status]) => status)).to.deep.equal(statuses.map((status) => `\`${status}\``))
    for (const [i, [, meaning = '', who]] of rows.entries()) {
      const final = isFinalStatus(statuses[i] as (typeof statuses)[number])
      expect([meaning.startsWith('final: '), who === 'nobody']).to.deep.equal([final, final], meaning)
    }
  })
})

describe('docs/money.md', () => {
  const { feeBps, bondBps, surchargeBps, latenessBps, minBond, baseExposure } = defaultParameters
  const { minRun, minWindow, lateRequesterGas, lateKeeperGas, keyTime } = defaultParameters
  const tokens = (units: bigint) => `${formatUnits(units, 6)} ASSAY`
  const percent = (bps: number) => `${bps / 100} %`

  it('has the rules that the local network starts with', () => {
    const rows = rowsBelow('docs/money.md', 'The rules').slice(1)
    expect(Object.fromEntries(rows.map(([rule, , local]) => [rule, local]))).to.deep.equal({
      '`feeBps`': percent(feeBps),
      '`bondBps`': percent(bondBps),
      '`surchargeBps`': percent(surchargeBps),
      '`latenessBps`': percent(latenessBps),
      '`minBond`': tokens(minBond),
      '`baseExposure`': tokens(baseExposure),
      '`minRun`': `${minRun} s`,
      '`minWindow`': `${minWindow} s`,
      '`lateRequesterGas`': tokens(lateRequesterGas),
      '`lateKeeperGas`': tokens(lateKeeperGas),
      '`keyTime`': `${keyTime} s`,
    })
  })

  it('has the bounds of the contract', () => {
    const source = read('contracts/libraries/ParameterStore.sol')
    const bound = (name: string) =>
      Number(new RegExp(`${name} = ([\\d_]+)`).exec(source)?.[1]?.replaceAll('_', ''))
    const rows = new Map(rowsBelow('docs/money.md', 'The rules').map(([rule, bounds]) => [rule, bounds]))
    expect(rows.get('`feeBps`')).to.equal(`at most ${percent(bound('MAX_FEE_BPS'))}`)
    expect(rows.get('`bondBps`')).to.equal(
      `${percent(bound('MIN_BOND_BPS'))} to ${percent(bound('MAX_BOND_BPS'))}`,
    )
    expect(rows.get('`surchargeBps`')).to.equal(`at most ${percent(bound('MAX_SURCHARGE_BPS'))}`)
    expect(rows.get('`latenessBps`')).to.equal(`at most ${percent(bound('MAX_LATENESS_BPS'))}`)
    expect(rows.get('`minRun`')).to.equal(`1 second to ${bound('MAX_MIN_TIME')} days`)
  })

  it('calculates its example right', () => {
    const maxPrice = 2_000_000n
    const share = rules.shareAt({ ramp: 30n, minBps: 5_000n }, 15n)
    const price = rules.priceOf(maxPrice, share)
    const parameters = {
      bondBps: BigInt(bondBps),
      surchargeBps: BigInt(surchargeBps),
      latenessBps: BigInt(latenessBps),
      ...{ minBond, baseExposure, lateRequesterGas, lateKeeperGas },
    }
    const bond = rules.decodeFloat(rules.bondFor(parameters, price, 0n))
    const fee = rules.feeOf(price, BigInt(feeBps))
    const late = rules.splitLateness(parameters, bond)
    const amounts = rowsBelow('docs/money.md', 'An example').slice(1)
    expect(amounts.map(([, amount]) => amount)).to.deep.equal(
      [
        maxPrice,
        price,
        maxPrice - price,
        bond,
        price - fee,
        fee,
        rules.releasePenalty(price, bond),
        late.total,
        late.toRequester,
        late.toKeeper,
        late.toReserve,
      ].map(tokens),
    )
  })
})

describe('limits in the documentation', () => {
  const { limits } = createExecutor({ slots: 1 })
  const mib = (bytes: number) => `${bytes / 2 ** 20} MiB`

  it('docs/execution.md has those of the executor', () => {
    const rows = new Map(
      rowsBelow('docs/execution.md', 'Limits of the executor').map(([what, limit]) => [what, limit]),
    )
    expect(rows.get('memory of a program')).to.include(`${limits.memoryPages.toLocaleString('en')} pages`)
    expect(rows.get('compiling a program')).to.equal(`${limits.compileTimeMs / 1_000} s`)
    expect(rows.get('a program')).to.match(new RegExp(`^${mib(limits.maxProgramBytes)}`))
    expect(rows.get('input of one task')).to.equal(mib(limits.maxInputBytes))
    expect(rows.get('shared input')).to.equal(mib(limits.maxSharedBytes))
    expect(rows.get('output of one task')).to.equal(mib(limits.maxOutputBytes))
  })

  it('docs/data.md has those of a provider and of the store', () => {
    const rows = new Map(rowsBelow('docs/data.md', 'Sizes and times').map(([what, limit]) => [what, limit]))
    expect(rows.get('what `assay provide` downloads: a program')).to.equal(mib(dataLimits.program))
    expect(dataLimits.shared).to.equal(dataLimits.inputs)
    expect(rows.get('… a shared input, or all inputs of a job')).to.equal(`${mib(dataLimits.shared)} each`)
    // What `assay run` refuses to post is what no provider's executor takes.
    expect([dataLimits.input, dataLimits.output]).to.deep.equal([limits.maxInputBytes, limits.maxOutputBytes])
    expect(limits.maxInputBytes).to.equal(limits.maxOutputBytes)
    expect(rows.get('… the input of one task, and `maxOutput`')).to.equal(`${mib(limits.maxInputBytes)} each`)
    const upload = /maxUpload = (\d+) \* 2 \*\* 20/.exec(read('runner/src/store/server.ts'))?.[1]
    expect(rows.get('an upload to the store of `assay up`')).to.equal(`${upload} MiB`)
  })
})
