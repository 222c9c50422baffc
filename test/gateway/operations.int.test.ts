import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT_NAMES } from '../../src/app/parts.ts';
import { hasSeveralProcesses, openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

describe('operations', () => {
  it('healthz and readyz respond, and readyz lists its dependencies', async () => {
    expect((await on.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    const others = ['etcd', 'kafka', ...CONTEXT_NAMES];
    const { status, dependencies } = (await on.call('GET', '/readyz')).body;
    const names = ['postgres', 'clock', 'files', ...(hasSeveralProcesses ? others : [])];
    // A cluster may have a Redis, and further shards.
    const more = Object.keys(dependencies).filter((name) => /^(redis|(coupon|point)\.\d)$/.test(name));
    expect([status, dependencies]).toEqual([
      'ready',
      Object.fromEntries([...names, ...(hasSeveralProcesses ? more : [])].map((name) => [name, 'up'])),
    ]);
  });

  it('metrics count responses by route template, never by request path', { tags: 'alone' }, async () => {
    const policyId = await openPolicy(on);
    const path = `/api/v1/coupons/policies/${policyId}`;
    await on.call('POST', `${path}/issue`, { token: on.token(testUser(801)) });
    await on.call('POST', `${path}/issue`, { token: on.token(testUser(801)) });
    await on.call('GET', `${path}/stock`);
    await on.call('GET', '/nobody/knows/this');
    const { text } = await on.call('GET', '/metrics');
    const issue = 'method="POST",route="/api/v1/coupons/policies/:policyId/issue"';
    expect(text).toContain(`stampede_http_requests_total{${issue},status="201"} 1`);
    expect(text).toContain(`stampede_http_requests_total{${issue},status="409"} 1`);
    expect(text).toContain(`stampede_http_request_seconds_count{${issue}} 2`);
    expect(text).toContain(
      'stampede_http_requests_total{method="GET",route="/api/v1/coupons/policies/:policyId/stock",status="200"} 1',
    );
    expect(text).toMatch(/stampede_lane_group_size_count\{lane="coupon.issue"\} [1-9]/);
    expect(text).toMatch(/stampede_postgres_pool\{pool="coupon.issue",state="total"\} [12]/);
    expect(text).toContain('stampede_nodejs_eventloop_lag_seconds');
    expect(text).not.toContain(policyId);
    expect(text).not.toContain('/nobody');
  });
});
