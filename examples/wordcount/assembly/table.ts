// A hash table from words to counts. Words stand one after another in a pool, the one being read at its end.

/** Numbers kept per word: offset in the pool, length, hash, count. */
const FIELDS: u32 = 4;
const FNV_OFFSET: u32 = 0x811c9dc5;
const FNV_PRIME: u32 = 0x01000193;

export class WordTable {
  /** Words counted. */
  words: u32 = 0;
  /** Different words counted. */
  distinct: u32 = 0;

  private pool: StaticArray<u8> = new StaticArray<u8>(8192);
  private poolUsed: u32 = 0;
  private entries: StaticArray<u32> = new StaticArray<u32>(FIELDS * 512);
  /** Entry numbers plus one, 0 where free; a power of two, at most half full. */
  private slots: StaticArray<u32> = new StaticArray<u32>(1024);
  private length: u32 = 0;
  private hash: u32 = FNV_OFFSET;

  /** Begins a new word; one that was not counted is forgotten. */
  startWord(): void {
    this.length = 0;
    this.hash = FNV_OFFSET;
  }

  /** Adds a letter to the word. */
  append(letter: u32): void {
    const at = this.poolUsed + this.length;
    if (at == <u32>this.pool.length) {
      const larger = new StaticArray<u8>(2 * at);
      memory.copy(changetype<usize>(larger), changetype<usize>(this.pool), at);
      this.pool = larger;
    }
    unchecked((this.pool[at] = <u8>letter));
    this.length++;
    this.hash = (this.hash ^ letter) * FNV_PRIME;
  }

  /** Counts the word. */
  countWord(): void {
    this.words++;
    const mask = <u32>this.slots.length - 1;
    let slot = this.hash & mask;
    while (unchecked(this.slots[slot])) {
      const entry = unchecked(this.slots[slot]) - 1;
      if (this.matches(entry)) {
        unchecked(this.entries[entry * FIELDS + 3]++);
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.addEntry(slot);
  }

  countOf(entry: u32): u32 {
    return unchecked(this.entries[entry * FIELDS + 3]);
  }

  lengthOf(entry: u32): u32 {
    return unchecked(this.entries[entry * FIELDS + 1]);
  }

  /** Address of the word's letters. */
  addressOf(entry: u32): usize {
    return changetype<usize>(this.pool) + unchecked(this.entries[entry * FIELDS]);
  }

  private matches(entry: u32): bool {
    const at = entry * FIELDS;
    if (unchecked(this.entries[at + 2]) != this.hash || this.lengthOf(entry) != this.length) return false;
    return memory.compare(this.addressOf(entry), changetype<usize>(this.pool) + this.poolUsed, this.length) == 0;
  }

  private addEntry(slot: u32): void {
    const at = this.distinct * FIELDS;
    unchecked((this.entries[at] = this.poolUsed));
    unchecked((this.entries[at + 1] = this.length));
    unchecked((this.entries[at + 2] = this.hash));
    unchecked((this.entries[at + 3] = 1));
    this.poolUsed += this.length;
    this.distinct++;
    unchecked((this.slots[slot] = this.distinct));
    if (2 * this.distinct == <u32>this.slots.length) this.grow();
  }

  private grow(): void {
    const used = this.distinct * FIELDS;
    const entries = new StaticArray<u32>(2 * used);
    memory.copy(changetype<usize>(entries), changetype<usize>(this.entries), used << 2);
    const slots = new StaticArray<u32>(2 * this.slots.length);
    const mask = <u32>slots.length - 1;
    for (let entry: u32 = 0; entry < this.distinct; entry++) {
      let slot = unchecked(entries[entry * FIELDS + 2]) & mask;
      while (unchecked(slots[slot])) slot = (slot + 1) & mask;
      unchecked((slots[slot] = entry + 1));
    }
    this.entries = entries;
    this.slots = slots;
  }
}
