import { readSettings } from '../../app/config.ts';
import { principalKey, publicKeyText } from '../../platform/grpc/principal-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** `stampede gateway-key`: prints the public key that follows from JWT_SECRET. */
export async function run(): Promise<number> {
  const { jwtSecret } = readSettings(process.env);
  if (jwtSecret === undefined) throw new StartError('JWT_SECRET is not set. Set it as the gateway has it.');
  process.stdout.write(`${publicKeyText(principalKey(jwtSecret))}\n`);
  return 0;
}
