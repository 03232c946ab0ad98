/** VM_SEED, or a seed of its own for each run; tests say it in their titles. */
export const vmSeed = Number(process.env.VM_SEED ?? Date.now() % 2 ** 31)
