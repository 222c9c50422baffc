import { runAudits } from '../../app/audits/run-audits.ts';
import { shardDatabasesIn } from '../../app/databases.ts';
import { shardMapsOf } from '../../app/shards/shard-map.ts';
import { accessTokens } from '../../platform/http/access-token.ts';
import { auditChecks } from './audit-checks.ts';
import { figuresOf } from './figures.ts';
import { findSystem } from './find-system.ts';
import { showProgress } from './progress.ts';
import { type RushReport, renderReport } from './report.ts';
import type { Rush, RushContext } from './rush.ts';
import { sendAll } from './send-all.ts';

export interface RunOptions {
  readonly connections: number;
  /** Print one JSON document and nothing else. */
  readonly json: boolean;
  readonly url?: string | undefined;
}

/** Prepares a rush, runs it, checks it and prints the report. Returns the exit code: 1 when a check fails. */
export async function runRush<Data>(
  kind: string,
  { connections, json, url }: RunOptions,
  prepare: (context: RushContext) => Promise<Rush<Data>>,
): Promise<number> {
  const system = await findSystem(url, process.env);
  const { origin } = system.url;
  const say = json ? () => {} : (what: string) => void process.stdout.write(`${what}\n`);
  const nowMs = Date.now();
  const tokens = accessTokens(system.jwtSecrets, Date.now);
  const rush = await prepare({ system, tokens, connections, nowMs, firstUser: BigInt(nowMs) * 1_000_000n, say });
  say(`${rush.title}, all at once, from ${origin} over ${Math.min(connections, rush.profile.clients)} connections`);
  const progress = json ? undefined : showProgress(rush, process.stdout);
  const history = await sendAll(rush.profile, { urls: [system.url], connections }, progress);
  progress?.stop();

  // A server that was killed and started again meanwhile has its database at another port.
  const stored = await findSystem(url, process.env);
  const { databases, shards, kafka } = stored;
  const audit = await runAudits(databases, rush.audit.scope, {
    kafka,
    shards: shardMapsOf(shards),
    shardDatabases: shardDatabasesIn(shards),
  });
  const checks = [...(await rush.check(history, stored)), ...auditChecks(rush.audit.name, audit)];
  const figures = figuresOf(history, rush);
  const exact = figures.errors === 0 && checks.every(({ ok }) => ok);
  const report: RushReport = { url: origin, connections, ...figures, checks, audit, exact };
  const document = { kind, ...rush.facts, ...report };
  process.stdout.write(json ? `${JSON.stringify(document, undefined, 2)}\n` : renderReport(rush, report));
  return exact ? 0 : 1;
}
