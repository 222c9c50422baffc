import { runAudits } from '../app/run-audits.ts';
import { accessTokens } from '../platform/http/access-token.ts';
import { auditChecks } from './rush/audit-checks.ts';
import { checkHistory } from './rush/checks.ts';
import { createPolicy } from './rush/create-policy.ts';
import { figuresOf } from './rush/figures.ts';
import { findSystem } from './rush/find-system.ts';
import { showProgress, silentProgress } from './rush/progress.ts';
import { readStored } from './rush/read-stored.ts';
import { type RushReport, renderReport } from './rush/report.ts';
import { prepareRequests } from './rush/requests.ts';
import { sendAll } from './rush/send-all.ts';

export interface RushOptions {
  /** Distinct users, each of whom asks once. */
  readonly users: number;
  readonly coupons: number;
  /**
   * Keep-alive connections. 512 by default: enough that a group of 256 fills while the one before it commits, and below what
   * a default limit of 1,024 open files allows on either side.
   */
  readonly connections: number;
  /** Print one JSON document and nothing else. */
  readonly json: boolean;
  /** Address of a node, with JWT_SECRET and DATABASE_URL in the environment. Without it, run.json of the data directory. */
  readonly url?: string | undefined;
}

/** The main job on real input: everybody asks at once for few coupons. Answers the exit code: 1 when anything is not exact. */
export async function run(options: RushOptions): Promise<number> {
  const system = await findSystem(options.url, process.env);
  const { users, coupons, connections } = options;
  const { url } = system;
  const progress = options.json ? silentProgress : showProgress(users, process.stdout);
  const tokens = accessTokens(system.jwtSecret, Date.now);
  const policyId = await createPolicy(url, tokens, coupons, Date.now());

  progress.step(
    `${users.toLocaleString('en')} users ask ${url.origin} for ${coupons.toLocaleString('en')} coupons, all at once`,
  );
  progress.step(`signing a token for each, opening ${Math.min(connections, users)} connections …`);
  // Other users in every run, so that no run meets what an earlier one left.
  const firstUser = BigInt(Date.now()) * 1_000_000n;
  const requests = prepareRequests({ url, policyId, users, firstUser }, tokens, Date.now());
  const history = await sendAll(requests, { urls: [url], connections }, progress);
  progress.stop();

  // A server that was killed and started again meanwhile has its database at another port.
  const { databaseUrl } = await findSystem(options.url, process.env);
  const audit = await runAudits(databaseUrl, { policyId: BigInt(policyId) });
  const told = checkHistory(history, await readStored(databaseUrl, policyId), Math.min(users, coupons));
  const checks = [...told, ...auditChecks(audit)];
  const figures = figuresOf(history);
  const exact = figures.errors === 0 && checks.every(({ ok }) => ok);
  const report: RushReport = {
    url: url.origin,
    policyId,
    users,
    coupons,
    connections,
    ...figures,
    checks,
    audit,
    exact,
  };
  process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
  return exact ? 0 : 1;
}
