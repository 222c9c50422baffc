import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { accessTokens, type Role } from '../../src/platform/http/access-token.ts';

const LIFE_SECONDS = 6 * 3600;
const LINES_PER_WRITE = 10_000;

/** Users `first` to `first + count - 1`, one signed token a line, in `<prefix>.1` for the load generator's one thread. */
export async function writeTokens(
  prefix: string,
  secret: string,
  first: bigint,
  count: number,
  role: Role = 'CUSTOMER',
): Promise<string> {
  const tokens = accessTokens(secret, Date.now);
  const iat = Math.floor(Date.now() / 1000);
  const file = createWriteStream(`${prefix}.1`);
  let lines = '';
  for (let index = 0; index < count; index++) {
    const sub = (first + BigInt(index)).toString();
    lines += `${tokens.sign({ sub, role, iat, exp: iat + LIFE_SECONDS })}\n`;
    if ((index + 1) % LINES_PER_WRITE === 0) {
      if (!file.write(lines)) await once(file, 'drain');
      lines = '';
    }
  }
  file.end(lines);
  await once(file, 'close');
  return prefix;
}
