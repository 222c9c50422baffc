import { runAudits } from '../../src/app/audits/run-audits.ts';
import { migrateSystem } from '../support/system.ts';

/** What the audit of the whole database finds, or undefined. */
export async function brokenAudits(databaseUrl: string): Promise<string | undefined> {
  // Another build may have left an earlier schema, which these audits cannot read.
  await migrateSystem(databaseUrl);
  const { ok, audits } = await runAudits(databaseUrl, {});
  if (ok) return undefined;
  const broken = audits.filter((audit) => !audit.ok);
  return broken.map(({ name, violations }) => `${name}: ${violations.join('; ')}`).join(' | ');
}
