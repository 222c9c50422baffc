import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

// Replaces load.lua when wrk is not installed: equivalent arguments, the same output line.
const [url = '', tokenFile = '', policyFile = '', connections = '', seconds = ''] = process.argv.slice(2);
const tokens = readFileSync(tokenFile, 'latin1').trimEnd().split('\n');
const policies = readFileSync(policyFile, 'latin1').trimEnd().split('\n');
let selected = 0;

const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  timeout: 10,
  requests: [
    {
      method: 'POST',
      setupRequest: (request) => {
        const token = tokens[selected % tokens.length];
        const policy = policies[selected % policies.length];
        selected += 1;
        const headers = { authorization: `Bearer ${token}`, 'content-length': '0' };
        return { ...request, path: `/api/v1/coupons/policies/${policy}/issue`, headers };
      },
    },
  ],
});

const { latency } = result;
console.log(
  `RESULT ${JSON.stringify({
    requests: result['2xx'] + result.non2xx,
    durationUs: result.duration * 1e6,
    refused: result.non2xx,
    broken: result.errors,
    // autocannon counts whole milliseconds and knows the 97.5th percentile, not the 95th.
    p50Us: latency.p50 * 1000,
    p95Us: latency.p97_5 * 1000,
    p99Us: latency.p99 * 1000,
    wrapped: selected > tokens.length ? 1 : 0,
  })}`,
);
