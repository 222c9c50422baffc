import { readSettings } from '../../app/config.ts';
import { principalKeys, publicKeyText } from '../../platform/grpc/principal-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** `stampede gateway-key`: prints the public keys that follow from JWT_SECRET, separated by commas. */
export async function run(): Promise<number> {
  const { jwtSecret } = readSettings(process.env);
  if (jwtSecret === undefined) throw new StartError('JWT_SECRET is not set. Set it as the gateway has it.');
  process.stdout.write(`${principalKeys(jwtSecret).map(publicKeyText).join(',')}\n`);
  return 0;
}
