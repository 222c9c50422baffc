import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl, withoutPassword } from './database-url.ts';

const hostsOf = (text: string) => parseDatabaseUrl(text).hosts.map(({ host, port }) => `${host} ${port}`);

describe('a database URL', () => {
  it.each([
    ['postgres://u:p@h1:5433,h2:5434/db', ['h1 5433', 'h2 5434']],
    ['postgresql://u:p@h1,h2/db?sslmode=disable', ['h1 5432', 'h2 5432']],
    ['postgres://u:p%40%2C@[::1]:5433,10.0.0.2:5434/db', ['::1 5433', '10.0.0.2 5434']],
    ['postgres://u@ss:p@h1:5433/db', ['h1 5433']],
    ['postgres:///db?host=/tmp/socket&port=5433', [' 5432']],
  ])('the database URL %s names its hosts', (text, hosts) => {
    expect(hostsOf(text)).toEqual(hosts);
  });

  it('a database URL with several hosts becomes one URL for each host', () => {
    expect(parseDatabaseUrl('postgres://u:p@h1:5433,h2:5434/db?a=b').hosts.map(({ url }) => url)).toEqual([
      'postgres://u:p@h1:5433/db?a=b',
      'postgres://u:p@h2:5434/db?a=b',
    ]);
  });

  it('a database URL requires a server that accepts writes by default', () => {
    expect(parseDatabaseUrl('postgres://h1,h2/db').needsWrites).toBe(true);
    expect(parseDatabaseUrl('postgres://h1,h2/db?target_session_attrs=any').needsWrites).toBe(false);
  });

  it.each([
    ['mysql://h1/db', 'must be a PostgreSQL URL'],
    ['postgres://u:p@h1:99999/db', 'must be a PostgreSQL URL'],
    ['postgres://u:p@h1:5432,/db', 'host:port, separated by commas'],
    ['postgres://u:p@h1:5432,h2:x/db', 'host:port, separated by commas'],
    ['postgres://u:p@h1:5432,h2:99999/db', 'host:port, separated by commas'],
    ['postgres:///db?host=h1,h2', 'before the path'],
    ['postgres://h1,h2/db?target_session_attrs=standby', 'read-write or any'],
  ])('the database URL %s is refused without showing the password', (text, message) => {
    expect(() => parseDatabaseUrl(text)).toThrow(message);
    expect(() => parseDatabaseUrl(text)).not.toThrow(/:p@/);
  });

  it('a database URL is shown with all its hosts and without its password', () => {
    expect(withoutPassword('postgres://u:p@h1:5433,h2:5434/db')).toBe('postgres://u@h1:5433,h2:5434/db');
    expect(withoutPassword('postgres://u@h1/db?password=p')).toBe('postgres://u@h1/db');
  });
});
