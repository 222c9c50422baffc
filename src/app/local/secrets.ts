import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { webhookKey, webhookSecret } from '../../platform/http/webhook-signature.ts';
import { rotatedSecrets } from '../../platform/kernel/rotated-secrets.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { hasDatabase } from './data-dir.ts';
import { writeSecretFile } from './write-secret-file.ts';

const SECRETS = z.object({
  /** Signs access tokens: `new,old` while it is rotated. */
  jwtSecret: z.string().min(32),
  /** The key that signs the reports of a payment provider. It is added to older files. */
  webhookSecret: z
    .string()
    .refine((secret) => webhookKey(secret) !== undefined)
    .default(() => randomWebhookSecret()),
  /** Of the embedded PostgreSQL. The last one came later: a file without it gets it. */
  postgres: z.object({
    superuser: z.string(),
    application: z.string(),
    program: z.string().default(() => random()),
  }),
});
type Stored = z.infer<typeof SECRETS>;
export type Secrets = Omit<Stored, 'jwtSecret'> & { readonly jwtSecrets: readonly string[] };

const randomWebhookSecret = (): string => webhookSecret(randomBytes(32));
const random = (): string => randomBytes(32).toString('base64url');

/**
 * Reads `<dataDir>/secrets.json`, or generates it once. Secrets of JWT_SECRET, where there are any, replace those stored, so that
 * commands in a second terminal sign with the key in use. The caller holds the data directory.
 * @throws StartError when the file is damaged, or missing although a cluster with its passwords exists
 */
export function loadSecrets(dataDir: string, jwtSecrets: readonly string[]): Secrets {
  const path = pathIn(dataDir);
  const stored = read(dataDir);
  const secrets = jwtSecrets.length === 0 ? stored : { ...stored, jwtSecret: jwtSecrets.join(',') };
  const content = `${JSON.stringify(secrets, undefined, 2)}\n`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== content) writeSecretFile(path, content);
  const { jwtSecret, ...others } = secrets;
  return { ...others, jwtSecrets: rotatedSecrets(jwtSecret) };
}

/** Returns what `loadSecrets` would for a process without JWT_SECRET, and writes nothing: where there is no file yet, secrets that equal those of no other process. */
export const secretsToExpect = (dataDir: string): readonly string[] => rotatedSecrets(read(dataDir).jwtSecret);

const pathIn = (dataDir: string): string => join(dataDir, 'secrets.json');

function read(dataDir: string): Stored {
  const path = pathIn(dataDir);
  return existsSync(path) ? parse(path) : generate(dataDir);
}

function parse(path: string): Stored {
  try {
    return SECRETS.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new StartError(
      `${path} is damaged. Restore it from a backup; without it the database beside it cannot be opened.`,
      {
        cause: error,
      },
    );
  }
}

function generate(dataDir: string): Stored {
  if (hasDatabase(dataDir)) {
    throw new StartError(
      `${pathIn(dataDir)} is missing: it held the passwords of the database beside it. Restore it, or remove ${dataDir} to start empty.`,
    );
  }
  return {
    jwtSecret: random(),
    webhookSecret: randomWebhookSecret(),
    postgres: { superuser: random(), application: random(), program: random() },
  };
}
