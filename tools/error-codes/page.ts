import { CONTEXTS } from '../../src/app/contexts.ts';
import { REJECTIONS } from '../../src/gateway/auth/rejected.ts';
import { EDGE_REFUSALS } from '../../src/gateway/problems/problem-codes.ts';
import { COMMON_REFUSALS } from '../../src/platform/kernel/common-refusals.ts';
import type { DetailTypes, RefusalTable } from '../../src/platform/kernel/refusal.ts';

const INTRODUCTION = `# Error codes

A request that is refused gets a problem document (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "couponId": "7330011234567891",
  "sequenceNo": 1,
  "type": "urn:stampede:problem:coupon-already-issued",
  "title": "Coupon already issued",
  "status": 409,
  "detail": "This user has coupon 7330011234567891 of this policy.",
  "instance": "/api/v1/coupons/policies/7330011234567890/issue",
  "code": "COUPON_ALREADY_ISSUED",
  "requestId": "5b0d3c0e-5a53-4e0e-9f0f-6c1f0e3f3c59"
}
\`\`\`

- **\`code\` is stable**: decide by it. \`title\` and \`detail\` are for people, in English or Korean by \`Accept-Language\`; both may be worded anew.
- **Members** of a code are beside the others, as \`couponId\` here. Ids are strings, amounts are numbers. A member with a question mark may be absent.
- **\`errors\`** of \`VALIDATION_FAILED\` name the fields: \`{"field", "code", "message"}\`.
- **\`requestId\`** is in the log line of the request.

| status | what to do |
|---|---|
| 400, 404, 405, 413, 415, 422, 431 | The request is wrong, or what it names is not there. A repeat gets the same |
| 401 | \`reason\` says why, and the [table of reasons](#reasons-of-unauthenticated) what to do |
| 402, 409, 410 | The state forbids it: sold out, used, expired, changed by someone else. Show it, or read again and decide |
| 403 | The caller may not: another role, a missing scope, a store of others |
| 409 \`IDEMPOTENCY_KEY_IN_USE\`, 429, 503 | Repeat after \`Retry-After\` seconds, with the same \`Idempotency-Key\` |
| no response | Repeat with the same \`Idempotency-Key\` |

With 503 nothing was done, or the outcome is not known yet: the repeat with the same key returns what was done, and never does it twice. The OpenAPI document lists the codes of each operation.

This page is generated from the tables of the program (\`npm run generate\`).
`;

const SECTIONS: readonly (readonly [title: string, table: RefusalTable])[] = [
  ['Of any request', EDGE_REFUSALS],
  ['Of several parts', COMMON_REFUSALS],
  ...CONTEXTS.map(({ name, refusals }) => [nameOf(name), refusals] as const),
];

/** docs/error-codes.md. */
export const errorCodesPage = (): string =>
  [
    INTRODUCTION,
    ...SECTIONS.filter(([, table]) => Object.keys(table).length > 0).flatMap(section),
    ...reasonsSection(),
  ].join('\n');

/** The reasons of UNAUTHENTICATED. */
const reasonsSection = (): readonly string[] => [
  '## Reasons of UNAUTHENTICATED\n',
  'The `detail` of the problem has both sentences. Tokens of [other issuers](configuration.md#other-issuers) have more causes, which only the log states.\n',
  '| `reason` | Meaning | What to do |',
  '|---|---|---|',
  ...Object.entries(REJECTIONS).map(([reason, { en }]) => `| \`${reason}\` | ${en.meaning} | ${en.remedy} |`),
  '',
];

const section = ([title, table]: readonly [string, RefusalTable]): readonly string[] => [
  `## ${title}\n`,
  '| Code | HTTP | Meaning | Members |',
  '|---|---|---|---|',
  ...Object.entries(table)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { http, en, ko, details }]) =>
        `| \`${code}\` | ${http} | **${en.title}.** ${en.detail} (${ko.title}) | ${membersOf(details)} |`,
    ),
  '',
];

const membersOf = (details: DetailTypes = {}): string =>
  Object.entries(details)
    .map(([name, type]) => `\`${name}${type.endsWith('?') ? '?' : ''}\``)
    .join(', ');

function nameOf(context: string): string {
  return `${context.slice(0, 1).toUpperCase()}${context.slice(1)}`;
}
