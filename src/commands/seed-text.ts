import type { SeedResult } from '../app/seed.ts';

/** What a new user reads after seeding: who is there, what there is, and what to try next. */
export function seedText({ owner, policies }: SeedResult, url: string): string {
  const rows = policies.map(({ policy, added }) => [
    String(policy.id),
    policy.terms?.distributionType ?? '',
    policy.status,
    `${policy.currentIssueCount} of ${policy.terms?.maxIssueCount ?? 'unlimited'}`,
    added ? 'added' : 'was there',
    policy.terms?.name ?? '',
  ]);
  const added = policies.filter((policy) => policy.added).length;
  const password = owner.password === undefined ? 'was there; its password was shown then' : owner.password;
  const login = JSON.stringify({ email: owner.email, password: owner.password ?? '…' });
  return [
    added === 0 ? 'The demo data is there already.' : `Added ${added} of ${policies.length} demo policies.`,
    '',
    `  Owner     ${owner.email}`,
    `  Password  ${password}`,
    '',
    ...table([['id', 'type', 'status', 'issued', '', 'name'], ...rows]),
    '',
    'Next',
    `  curl -s ${url}/api/v1/coupon-policies/${policies[0]?.policy.id}`,
    `  curl -s ${url}/api/v1/auth/login -H 'content-type: application/json' -d '${login}'`,
    '  npm run rush     100,000 users ask for 10,000 coupons at once',
    '  npm run audit    every invariant, recounted',
    '',
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
