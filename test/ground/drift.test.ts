import { expect } from 'chai'
import { drift } from '../../bench/drift.ts'

describe('the drift of figures', () => {
  const figures = { compiler: 'solc 1', life: { optimistic: 249_917 }, functions: { deposit: 49_035 } }
  const committed = JSON.stringify(figures)

  it('is nothing between equal ones', () => {
    expect(drift(committed, figures)).to.deep.equal([])
  })

  it('names each figure that changed, with both values and the difference', () => {
    const measured = { ...figures, life: { optimistic: 250_001 }, functions: { deposit: 49_000 } }
    expect(drift(committed, measured)).to.deep.equal([
      'life.optimistic: 249917 → 250001 (+84)',
      'functions.deposit: 49035 → 49000 (-35)',
    ])
    expect(drift('{"perTask":249.9}', { perTask: 250.2 })).to.deep.equal(['perTask: 249.9 → 250.2 (+0.3)'])
  })

  it('names what only one of them has, and what is no number', () => {
    const measured = { compiler: 'solc 2', life: {}, functions: { deposit: 49_035, withdraw: 45_383 } }
    expect(drift(committed, measured)).to.deep.equal([
      'compiler: solc 1 → solc 2',
      'life.optimistic: 249917 → none',
      'functions.withdraw: none → 45383',
    ])
  })
})
