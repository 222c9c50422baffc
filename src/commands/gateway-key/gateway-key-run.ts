import { readSettings } from '../../app/config.ts';
import { principalKey, publicKeyText } from '../../platform/grpc/principal-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** `stampede gateway-key`: prints the public keys that follow from JWT_SECRET, separated by commas. */
export async function run(): Promise<number> {
  const { jwtSecrets } = readSettings(process.env);
  if (jwtSecrets.length === 0) throw new StartError('JWT_SECRET is not set. Set it as the gateway has it.');
  process.stdout.write(`${jwtSecrets.map((secret) => publicKeyText(principalKey(secret))).join(',')}\n`);
  return 0;
}
