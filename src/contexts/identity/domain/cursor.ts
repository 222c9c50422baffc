import { ID_MAX } from '../../../platform/kernel/id-text.ts';

const SHAPE = /^[0-9a-z]{1,13}$/;
const BASE = 36;

/** The id after which the next page starts, opaque to clients. */
export const writeCursor = (id: bigint): string => id.toString(BASE);

/** Returns undefined when the text was not written by `writeCursor`. */
export function readCursor(text: string): bigint | undefined {
  if (!SHAPE.test(text)) return undefined;
  let id = 0n;
  for (const digit of text) id = id * BigInt(BASE) + BigInt(Number.parseInt(digit, BASE));
  return id <= ID_MAX ? id : undefined;
}
