/**
 * Loaded before the program (`--import`): its clock is wrong by the milliseconds in the file `$FAULT_CLOCKS/$PORT`. What measures durations stays right, as
 * it does when a machine's clock is set.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const POLL_MS = 250;
const file = join(process.env['FAULT_CLOCKS'] ?? '', process.env['PORT'] ?? '');
const RealDate = Date;
let offsetMs = 0;

class WrongDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    // @ts-expect-error: what the program gives to Date goes to Date
    super(...(given.length === 0 ? [WrongDate.now()] : given));
  }
  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}
globalThis.Date = WrongDate as DateConstructor;

setInterval(() => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8'));
  } catch {
    // not set yet
  }
}, POLL_MS).unref();
