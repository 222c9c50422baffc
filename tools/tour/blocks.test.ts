import { describe, expect, it } from 'vitest';
import { problemIn, tourBlocks } from './blocks.ts';

const DOCUMENT = `# Title

\`\`\`bash
npm start
\`\`\`

\`\`\`bash tour
curl -s $B/coupons
\`\`\`

\`\`\`json tour
{"couponId":"382535358891425792","issuedAt":"2026-11-21T14:18:56.723Z",
 "status":"ISSUED",…"code":null}
\`\`\`

\`\`\`bash tour refused
curl -s $B/refused
\`\`\`
`;
const [issue, refused] = tourBlocks(DOCUMENT);
if (issue === undefined || refused === undefined) throw new Error('the document has two blocks');

describe('tourBlocks', () => {
  it('returns the marked blocks with the line of their fence', () => {
    expect(tourBlocks(DOCUMENT).map(({ line, script, isRefused }) => ({ line, script, isRefused }))).toEqual([
      { line: 7, script: 'curl -s $B/coupons\n', isRefused: false },
      { line: 16, script: 'curl -s $B/refused\n', isRefused: true },
    ]);
  });

  it('takes the expected output from the marked block that follows', () => {
    expect(issue.expected).toContain('"status":"ISSUED"');
    expect(refused.expected).toBeUndefined();
  });
});

describe('problemIn', () => {
  const output = (status: string) =>
    `{"couponId":"411111111111111111","issuedAt":"2030-01-01T00:00:00.000Z","status":"${status}","sequenceNo":1,"code":null}`;

  it('an output may have other ids and times, and more where the document has an ellipsis', () => {
    expect(problemIn(issue, output('ISSUED'))).toBeUndefined();
  });

  it('an output with another value than the document is a problem', () => {
    expect(problemIn(issue, output('EXPIRED'))).toContain('not what follows in the document');
  });

  it('an output with the same parts in another order is a problem', () => {
    const other =
      '{"code":null},{"couponId":"411111111111111111","issuedAt":"2030-01-01T00:00:00.000Z","status":"ISSUED",';
    expect(problemIn(issue, other)).toContain('not what follows in the document');
  });

  it('a refusal is a problem where the document expects none, and none where it expects one', () => {
    const problem = '{"type":"urn:stampede:problem:coupon-sold-out"}';
    expect(problemIn({ ...issue, expected: undefined }, problem)).toContain('was refused');
    expect(problemIn(refused, '{}')).toBe('no request was refused');
    expect(problemIn(refused, problem)).toBeUndefined();
  });
});
