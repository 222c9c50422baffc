import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  write(createLogger('trace', { write: (line: string) => lines.push(line) }));
  return lines;
}

describe('the logger', () => {
  it('docs/attacks.md 38: the logger writes one line for each event, whatever it contains', () => {
    const odd = 'a\r\n{"level":60,"msg":"forged"}\u2028\u0000\u001b[31m';
    const lines = logged((log) => {
      log.info({ odd, [odd]: 1 }, odd);
      log.error({ err: new Error(odd) }, 'failed');
    });
    expect(lines.length).toBe(2);
    for (const line of lines) expect(line.trimEnd()).not.toMatch(/[\r\n]/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30, odd, msg: odd });
  });

  it('docs/attacks.md 55: the logger never writes secrets, at any of three depths', () => {
    const secrets = { password: 's3cret', accessToken: 's3cret', authorization: 's3cret', 'x-api-key': 's3cret' };
    const lines = logged((log) => log.warn({ ...secrets, headers: secrets, request: { headers: secrets } }, 'x'));
    expect(lines.join()).not.toContain('s3cret');
    expect(JSON.parse(lines[0] ?? '').request.headers.password).toBe('[redacted]');
  });

  it('the logger writes the type, message, code and cause of an error, and no other property', () => {
    const error = Object.assign(new TypeError('broken', { cause: new Error('root') }), {
      code: '23505',
      detail: 'Key (email)=(ada@example.com) already exists.',
      client: { password: 'x', _queryable: true },
    });
    const line = JSON.parse(logged((log) => log.error({ err: error }, 'x'))[0] ?? '');
    expect(line.err).toMatchObject({ type: 'TypeError', message: 'broken', code: '23505', cause: { message: 'root' } });
    expect(JSON.stringify(line)).not.toMatch(/ada@|_queryable/);
  });
});
