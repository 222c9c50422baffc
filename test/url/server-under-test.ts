import { webhookKey } from '../../src/platform/http/webhook-signature.ts';

/** A server that the tests did not start, and what they need to know of it. */
export interface ServerUnderTest {
  /** Without a slash at the end. */
  readonly url: string;
  readonly jwtSecret: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** Of its two secrets for webhooks. */
  readonly webhookKeys: readonly [Buffer, Buffer];
  /** Has a part several processes, of which one may know for a moment what another one has changed? */
  readonly hasSeveralProcesses: boolean;
}

/**
 * From STAMPEDE_TEST_URL and the variables beside it. Undefined: each test starts servers of its own.
 * @throws Error when one of them is missing
 */
export function serverUnderTest(env: Readonly<Record<string, string | undefined>>): ServerUnderTest | undefined {
  const url = env['STAMPEDE_TEST_URL'];
  if (url === undefined) return undefined;
  const given = (name: string): string => {
    const value = env[name];
    if (value === undefined) throw new Error(`STAMPEDE_TEST_URL needs ${name}, as the server has it`);
    return value;
  };
  const [key, oldKey] = given('STAMPEDE_TEST_WEBHOOK_SECRETS').split(',').map(webhookKey);
  if (!key || !oldKey) throw new Error('STAMPEDE_TEST_WEBHOOK_SECRETS must be two of whsec_ and base64');
  return {
    url: url.replace(/\/+$/, ''),
    jwtSecret: given('STAMPEDE_TEST_JWT_SECRET'),
    admin: { email: given('STAMPEDE_TEST_ADMIN_EMAIL'), password: given('STAMPEDE_TEST_ADMIN_PASSWORD') },
    webhookKeys: [key, oldKey],
    hasSeveralProcesses: env['STAMPEDE_TEST_PROCESSES'] === 'several',
  };
}
