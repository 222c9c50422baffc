import { createCipheriv } from 'node:crypto';

const BLOCK = 16;
const ROUNDS = 10;

export interface Ff1Options {
  /** The key of AES: 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  /** Symbols of the alphabet, 2 to 65,536. */
  readonly radix: number;
  /** Symbols of a text, at least 2. */
  readonly length: number;
  /** Not secret: with another one the permutation is another one. */
  readonly tweak?: Uint8Array;
}

/** A keyed permutation of the numbers from 0 to radix^length - 1. */
export interface Permutation {
  encrypt(value: bigint): bigint;
  decrypt(value: bigint): bigint;
}

/**
 * FF1 of NIST SP 800-38G on texts of one length, which are given as the number that they spell: the first symbol counts most.
 * Both functions throw a RangeError for a number outside the permutation. The constructor throws one for texts of so many
 * symbols that a round needs more than one block of pseudo-random bits.
 */
export function ff1({ key, radix, length, tweak = new Uint8Array() }: Ff1Options): Permutation {
  const [leftLength, rightLength] = [Math.floor(length / 2), Math.ceil(length / 2)];
  const [leftSize, rightSize] = [BigInt(radix) ** BigInt(leftLength), BigInt(radix) ** BigInt(rightLength)];
  const size = leftSize * rightSize;
  // The names of the standard: b bytes hold a half, and d bytes of pseudo-random bits are added to one.
  const b = Math.ceil((rightSize - 1n).toString(2).length / 8);
  const d = 4 * Math.ceil(b / 4) + 4;
  if (d > BLOCK) throw new RangeError(`FF1 with ${length} symbols of ${radix} needs more than one block a round`);

  // One cipher for all blocks: to set one up costs more than to encrypt a block. ECB keeps no state between blocks.
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  // The first block of every round is the same, so that it is encrypted once.
  const first = Buffer.from([1, 2, 1, 0, 0, 0, ROUNDS, leftLength % 256, 0, 0, 0, 0, 0, 0, 0, 0]);
  first.writeUIntBE(radix, 3, 3);
  first.writeUInt32BE(length, 8);
  first.writeUInt32BE(tweak.length, 12);
  const encryptedFirst = cipher.update(first);
  // Tweak, padding, the number of the round, and the half that is not changed.
  const rest = Buffer.alloc(Math.ceil((tweak.length + 1 + b) / BLOCK) * BLOCK);
  rest.set(tweak);

  function pseudoRandom(round: number, half: bigint): bigint {
    rest[rest.length - b - 1] = round;
    rest.write(half.toString(16).padStart(2 * b, '0'), rest.length - b, 'hex');
    let chained: Buffer = encryptedFirst;
    for (let at = 0; at < rest.length; at += BLOCK) {
      const block = Buffer.alloc(BLOCK);
      for (let place = 0; place < BLOCK; place++) block[place] = (chained[place] ?? 0) ^ (rest[at + place] ?? 0);
      chained = cipher.update(block);
    }
    return BigInt(`0x${chained.toString('hex', 0, d)}`);
  }

  const sizeOfRound = (round: number): bigint => (round % 2 === 0 ? leftSize : rightSize);

  function requireInside(value: bigint): void {
    if (value < 0n || value >= size) throw new RangeError(`FF1 permutes numbers from 0 to ${size - 1n}`);
  }

  return {
    encrypt(value) {
      requireInside(value);
      let [left, right] = [value / rightSize, value % rightSize];
      for (let round = 0; round < ROUNDS; round++) {
        [left, right] = [right, (left + pseudoRandom(round, right)) % sizeOfRound(round)];
      }
      return left * rightSize + right;
    },
    decrypt(value) {
      requireInside(value);
      let [left, right] = [value / rightSize, value % rightSize];
      for (let round = ROUNDS - 1; round >= 0; round--) {
        const modulus = sizeOfRound(round);
        const before = (right - pseudoRandom(round, left)) % modulus;
        [left, right] = [before < 0n ? before + modulus : before, left];
      }
      return left * rightSize + right;
    },
  };
}
