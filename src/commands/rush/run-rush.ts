import { runAudits } from '../../app/run-audits.ts';
import { accessTokens } from '../../platform/http/access-token.ts';
import { auditChecks } from './audit-checks.ts';
import { figuresOf } from './figures.ts';
import { findSystem } from './find-system.ts';
import { showProgress } from './progress.ts';
import { type RushReport, renderReport } from './report.ts';
import type { Rush, RushGround } from './rush.ts';
import { sendAll } from './send-all.ts';

export interface RunOptions {
  readonly connections: number;
  /** Print one JSON document and nothing else. */
  readonly json: boolean;
  readonly url?: string | undefined;
}

/** Prepares a rush, lets it happen, checks it and prints the report. Answers the exit code: 1 when anything is not exact. */
export async function runRush<Told>(
  kind: string,
  { connections, json, url }: RunOptions,
  prepare: (ground: RushGround) => Promise<Rush<Told>>,
): Promise<number> {
  const system = await findSystem(url, process.env);
  const { origin } = system.url;
  const say = json ? () => {} : (what: string) => void process.stdout.write(`${what}\n`);
  const nowMs = Date.now();
  const tokens = accessTokens(system.jwtSecret, Date.now);
  const rush = await prepare({ system, tokens, connections, nowMs, firstUser: BigInt(nowMs) * 1_000_000n, say });
  say(`${rush.title}, all at once, from ${origin} over ${Math.min(connections, rush.crowd.askers)} connections`);
  const progress = json ? undefined : showProgress(rush, process.stdout);
  const history = await sendAll(rush.crowd, { urls: [system.url], connections }, progress);
  progress?.stop();

  // A server that was killed and started again meanwhile has its database at another port.
  const { databaseUrl } = await findSystem(url, process.env);
  const audit = await runAudits(databaseUrl, rush.audit.scope);
  const checks = [...(await rush.check(history, databaseUrl)), ...auditChecks(rush.audit.name, audit)];
  const figures = figuresOf(history, rush);
  const exact = figures.errors === 0 && checks.every(({ ok }) => ok);
  const report: RushReport = { url: origin, connections, ...figures, checks, audit, exact };
  const document = { kind, ...rush.facts, ...report };
  process.stdout.write(json ? `${JSON.stringify(document, undefined, 2)}\n` : renderReport(rush, report));
  return exact ? 0 : 1;
}
