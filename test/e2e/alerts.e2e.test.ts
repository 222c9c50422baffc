import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Server, startServer } from '../../src/app/server.ts';
import { validFor } from '../../src/platform/http/access-token.ts';
import { readAllowedHosts } from '../../src/platform/http/allowed-hosts.ts';
import { DASHBOARDS } from '../../tools/dashboards/dashboards.ts';
import { type MonitoringServer, startAlertmanager, startPrometheus } from '../../tools/prometheus/start.ts';
import { call, configOf, policyBody } from '../attacks/support.ts';
import { RULE_FILES } from '../monitoring/rules.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { testPrometheus } from '../support/prometheus.ts';
import { openWire, type TcpWire } from '../support/tcp-wire.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const programs = await testPrometheus();
/** A scrape, an evaluation and a notification come one after the other, on a machine that other tests keep busy. */
const PATIENT = { timeout: 90_000, interval: 250 };

interface Notified {
  readonly receiver: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Receives what Alertmanager sends. */
async function startReceiver() {
  const notified: Notified[] = [];
  const server: HttpServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { alerts } = JSON.parse(Buffer.concat(chunks).toString()) as { alerts: Omit<Notified, 'receiver'>[] };
        notified.push(...alerts.map((alert) => ({ ...alert, receiver: (request.url ?? '').slice(1) })));
        response.end();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { notified, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** `10m` of the shipped rules is 10 s here. */
const hurried = (text: string): string =>
  text.replaceAll(/^( +for: )(\d+)m$/gm, '$1$2s').replaceAll(/^( +for: )1h$/gm, '$160s');

describe.skipIf(programs === undefined)('Stampede, Prometheus and Alertmanager, as deploy/ configures them', () => {
  let database: TestDatabase;
  let wire: TcpWire;
  let server: Server;
  let webhooks: WebhookReceiver;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let alertmanager: MonitoringServer;
  let prometheus: MonitoringServer;
  let directory: string;

  beforeAll(async () => {
    if (programs === undefined) return;
    database = await testDatabase();
    const url = new URL(database.programUrl);
    wire = await openWire(Number(url.port));
    Object.assign(url, { hostname: '127.0.0.1', port: String(wire.port) });
    server = await startServer(
      configOf(url.href, {
        webhooks: { allowedHosts: readAllowedHosts(['127.0.0.1']), encryptionSecrets: [], keptDays: 7 },
      }),
    );
    webhooks = await startWebhookReceiver();
    receiver = await startReceiver();
    directory = await mkdtemp(join(tmpdir(), 'stampede-alerts-'));
    for (const file of RULE_FILES) {
      await writeFile(join(directory, file.split('/').at(-1) ?? ''), hurried(readFileSync(file, 'utf8')));
    }
    const routing = parse(readFileSync('deploy/alertmanager/alertmanager.yml', 'utf8'));
    Object.assign(routing.route, { group_wait: '0s', group_interval: '1s' });
    for (const { name, webhook_configs: configs } of routing.receivers) configs[0].url = `${receiver.url}/${name}`;
    alertmanager = await startAlertmanager(programs, routing);
    const scraping = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'));
    Object.assign(scraping.global, { scrape_interval: '1s', evaluation_interval: '1s' });
    scraping.rule_files = [join(directory, '*.yml')];
    scraping.alerting.alertmanagers[0].static_configs[0].targets = [new URL(alertmanager.url).host];
    scraping.scrape_configs[0].static_configs[0].targets = [new URL(server.metricsUrl).host];
    // A check of PostgreSQL that gets no response takes 2 s.
    Object.assign(scraping.scrape_configs[0], { scrape_interval: '4s', scrape_timeout: '4s' });
    prometheus = await startPrometheus(programs, scraping);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    wire?.set('open');
    await server?.stop();
    await wire?.close();
    await webhooks?.close();
    receiver?.server.closeAllConnections();
    receiver?.server.close();
    await database?.drop();
    if (directory) await rm(directory, { recursive: true, force: true });
  });

  const token = (sub: string, role: 'ADMIN' | 'CUSTOMER') =>
    server.tokens.sign({ sub, role, ...validFor(900, Date.now()) });
  const send = (method: string, path: string, json?: object) =>
    call(server.url, method, path, { token: token('1', 'ADMIN'), ...(json === undefined ? {} : { json }) });
  // biome-ignore lint/suspicious/noExplicitAny: the responses of Prometheus
  const read = async (path: string): Promise<any> => await (await fetch(`${prometheus.url}/api/v1/${path}`)).json();
  const query = (expression: string) => read(`query?query=${encodeURIComponent(expression)}`);
  const arrived = (alert: string, status: string) =>
    receiver.notified.filter((each) => each.labels['alertname'] === alert && each.status === status);

  it('Prometheus reads the metrics of a running server, and evaluates every rule', async () => {
    await expect.poll(async () => (await query('stampede_ready == 1')).data.result.length, PATIENT).toBe(1);
    const states = async (): Promise<readonly string[]> =>
      (await read('rules')).data.groups.flatMap(({ rules }: { rules: { health: string }[] }) =>
        rules.map(({ health }) => health),
      );
    await expect.poll(async () => [...new Set(await states())], PATIENT).toEqual(['ok']);
    expect((await states()).length).toBeGreaterThan(40);
  });

  it('every expression of a dashboard gets a response, and those of issuing have values after a coupon was issued', async () => {
    const policy = await send('POST', '/api/v1/coupon-policies', policyBody());
    const policyId = policy.body.couponPolicyId;
    await send('POST', `/api/v1/admin/coupon-policies/${policyId}/activate`);
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    expect((await call(server.url, 'POST', path, { token: token('901', 'CUSTOMER'), json: {} })).status).toBe(201);
    const sent = (expression: string): string =>
      expression.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'stampede').replaceAll('$instance', '.*');
    for (const { uid, rows } of DASHBOARDS) {
      for (const { expr } of rows.flatMap(({ panels }) => panels).flatMap(({ queries }) => queries)) {
        expect((await query(sent(expr))).status, `${uid}: ${expr}`).toBe('success');
      }
    }
    const opening = DASHBOARDS.find(({ uid }) => uid === 'stampede-opening');
    const issuing = (opening?.rows ?? []).flatMap(({ panels }) => panels).flatMap(({ queries }) => queries);
    const ofIssuing = issuing.map(({ expr }) => sent(expr)).filter((expr) => /policyId|coupon\[/.test(expr));
    expect(ofIssuing.length).toBeGreaterThan(5);
    for (const expr of ofIssuing) {
      await expect.poll(async () => (await query(expr)).data.result.length, PATIENT).toBeGreaterThan(0);
    }
  });

  it('an alert reaches a receiver when a webhook was disabled, with the page that says what to do', async () => {
    webhooks.react = () => 410;
    const created = await send('POST', '/api/v1/webhooks', { url: webhooks.url, topics: ['store.opened'] });
    await send('POST', `/api/v1/webhooks/${created.body.webhookId}/test`);
    await expect
      .poll(async () => (await send('GET', `/api/v1/webhooks/${created.body.webhookId}`)).body.disabledReason, PATIENT)
      .toBe('GONE');
    await server.runJobs();
    await expect.poll(() => arrived('StampedeWebhookDisabled', 'firing').length, PATIENT).toBeGreaterThan(0);
    const [alert] = arrived('StampedeWebhookDisabled', 'firing');
    expect(alert?.labels).toMatchObject({ severity: 'warning', reason: 'GONE', job: 'stampede' });
    expect(alert?.annotations['runbook_url']).toContain('docs/operations.md#stampedewebhookdisabled');
    expect(new Set(arrived('StampedeWebhookDisabled', 'firing').map((each) => each.receiver))).toEqual(
      new Set(['channel']),
    );
  });

  it('the pager is called while PostgreSQL does not respond, and the alert ends when it is back', async () => {
    wire.set('silent');
    await expect
      .poll(() => arrived('StampedePostgresDown', 'firing').map((each) => each.receiver), PATIENT)
      .toEqual(expect.arrayContaining(['pager', 'channel']));
    wire.set('open');
    await expect.poll(() => arrived('StampedePostgresDown', 'resolved').length, PATIENT).toBeGreaterThan(0);
  });
});
