import type { SeedResult } from '../../app/seed/seed.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';

/** What a new user reads after seeding: who is there, what there is, and what to try next. */
export function seedText({ owner, policies, products }: SeedResult, url: string): string {
  const rows = policies.map(({ policy, added }) => [
    String(policy.id),
    policy.terms?.distributionType ?? '',
    policy.status,
    `${policy.currentIssueCount} of ${policy.terms?.maxIssueCount ?? 'unlimited'}`,
    added ? 'added' : 'was there',
    policy.terms?.name ?? '',
  ]);
  const productRows = products.map(({ product: { id, status, stock, price, name, activeTimeSale }, added }) => [
    String(id),
    status,
    String(stock),
    String(price),
    activeTimeSale ? `${activeTimeSale.salePrice}, ${activeTimeSale.remaining} left` : '',
    added ? 'added' : 'was there',
    name,
  ]);
  const added = policies.filter((policy) => policy.added).length;
  const addedGoods = products.filter((product) => product.added).length;
  const password = owner.password === undefined ? 'was there; its password was shown then' : owner.password;
  const login = JSON.stringify({ email: owner.email, password: owner.password ?? '…' });
  return [
    added + addedGoods === 0
      ? 'The demo data is there already.'
      : `Added ${added} of ${policies.length} demo policies and ${addedGoods} of ${products.length} demo products.`,
    '',
    `  Owner     ${owner.email}`,
    `  Password  ${password}`,
    '',
    ...table([['id', 'type', 'status', 'issued', '', 'name'], ...rows]),
    '',
    ...table([['id', 'status', 'stock', 'price', 'time sale', '', 'name'], ...productRows]),
    '',
    'Next',
    `  curl -s ${url}/api/v1/coupon-policies/${policies[0]?.policy.id}`,
    `  curl -s ${url}/api/v1/products/${products[0]?.product.id}`,
    `  curl -s ${url}/api/v1/auth/login -H 'content-type: application/json' -d '${login}'`,
    `  ${commandLine('rush')}     100,000 users request 10,000 coupons at once`,
    `  ${commandLine('audit')}    every invariant, recounted`,
    '',
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
