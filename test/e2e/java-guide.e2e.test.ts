// The class of docs/guides/issuing-from-java.md is compiled and run against a server, as it is printed there.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const [COUPONS = '', PROMOTION = ''] = [
  ...readFileSync('docs/guides/issuing-from-java.md', 'utf8').matchAll(/^```java\n(.*?)^```$/gms),
].map(([, code]) => code);
const MAIN = `
public final class Main {
    public static void main(String[] given) throws Exception {
        var coupons = new StampedeCoupons(given[0], given[1]);
        var promotion = new Promotion(coupons, Long.parseLong(given[2]));
        System.out.println(promotion.claim("1001"));
        System.out.println(promotion.claim("1001"));
        System.out.println(promotion.claim("1002"));
        var issued = (StampedeCoupons.Issued) coupons.issue(Long.parseLong(given[2]), "1001");
        System.out.println(coupons.reserve("a", "order-1", "1001", issued.couponId(), 32_000));
        System.out.println(coupons.release("a"));
        System.out.println(coupons.reserve("b", "order-1", "1001", issued.couponId(), 32_000));
        System.out.println(coupons.confirm("b"));
        System.out.println(coupons.release("b"));
    }
}
`;

function hasJava(): boolean {
  if (spawnSync('javac', ['-version']).status === 0) return true;
  if (process.env['CI'] === 'true') throw new Error('javac is missing: apt-get install openjdk-17-jdk-headless');
  process.stderr.write('The guide for Java is not tried: there is no javac (Debian: openjdk-17-jdk-headless).\n');
  return false;
}

describe.runIf(hasJava())('docs/guides/issuing-from-java.md', () => {
  const dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    for (const [name, code] of Object.entries({ StampedeCoupons: COUPONS, Promotion: PROMOTION, Main: MAIN }))
      writeFileSync(join(dir.path, `${name}.java`), code);
    execFileSync('javac', ['-Werror', '-Xlint:all', 'Main.java'], { cwd: dir.path, stdio: 'pipe' });
    server = await startServe({ dataDir });
  });
  afterAll(async () => {
    await server?.end('SIGTERM');
    await dir.remove();
  });

  it('the class issues, reserves, releases and confirms, and a repeat finds the coupon of before', async () => {
    const base = `${server?.url}/api/v1`;
    const post = async (path: string, body: unknown, token = ''): Promise<Record<string, string>> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      return (await fetch(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json() as never;
    };
    const password = readFileSync(join(dataDir, 'admin-password.txt'), 'utf8').trim();
    const { accessToken } = await post('/auth/login', { email: 'admin@stampede.local', password });
    const scopes = ['coupons:issue', 'coupons:use'];
    const { secret = '' } = await post('/auth/api-keys', { name: 'shop', scopes }, accessToken);
    const { couponPolicyId = '' } = await post(
      '/coupon-policies',
      {
        name: 'One for the first',
        discountType: 'FIXED_AMOUNT',
        discountValue: 3_000,
        distributionType: 'FIRST_COME',
        maxIssueCount: 1,
        validDays: 7,
        validFrom: '2026-01-01T00:00:00Z',
        validUntil: '2035-01-01T00:00:00Z',
      },
      accessToken,
    );

    const printed = execFileSync('java', ['Main', base, secret, couponPolicyId], { cwd: dir.path, encoding: 'utf8' });
    expect(printed.trim().split('\n')).toEqual([
      'You are number 1',
      'You have this coupon already',
      'All coupons are gone',
      'Reserved[discount=3000]',
      'Done[]',
      'Reserved[discount=3000]',
      'Done[]',
      'Refused[status=409, code=COUPON_ALREADY_USED]',
    ]);
  });
});
