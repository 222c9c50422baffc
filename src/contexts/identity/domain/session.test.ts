import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideLogOut,
  decideRefresh,
  REFRESH_LIFE_MS,
  type RefreshToken,
  type Session,
  type ShownToken,
} from './session.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const at = (ms: number) => new Date(NOW.getTime() + ms);
const session: Session = { id: 1n, userId: 2n, startedAt: NOW, expiresAt: at(REFRESH_LIFE_MS), revokedAt: null };
const token: RefreshToken = { digest: 'a', expiresAt: at(REFRESH_LIFE_MS), rotatedAt: null };

describe('refreshing', () => {
  test('a refresh with the newest token extends the family by 14 days', () => {
    expect(decideRefresh({ session, token }, 'b', at(5))).toEqual({
      kind: 'ROTATE',
      at: at(5),
      next: { digest: 'b', expiresAt: at(REFRESH_LIFE_MS + 5), rotatedAt: null },
    });
  });

  test('a refresh succeeds in the last millisecond of a session and fails at its end', () => {
    expect(decideRefresh({ session, token }, 'b', at(REFRESH_LIFE_MS - 1)).kind).toBe('ROTATE');
    expect(decideRefresh({ session, token }, 'b', at(REFRESH_LIFE_MS)).kind).toBe('KEEP');
  });

  test('a refresh with a rotated token ends the family', () => {
    expect(decideRefresh({ session, token: { ...token, rotatedAt: NOW } }, 'b', NOW)).toEqual({
      kind: 'REVOKE',
      at: NOW,
    });
  });

  test('a refresh changes nothing for an ended family or an unknown token', () => {
    expect(decideRefresh({ session: { ...session, revokedAt: NOW }, token }, 'b', NOW).kind).toBe('KEEP');
    expect(decideRefresh(undefined, 'b', NOW).kind).toBe('KEEP');
  });
});

describe('logging out', () => {
  test.each([
    ['the newest token', token],
    ['a rotated token', { ...token, rotatedAt: NOW }],
    ['an expired token', { ...token, expiresAt: NOW }],
  ])('a log-out with %s ends the family', (_, shown) => {
    expect(decideLogOut({ session, token: shown }, NOW)).toEqual({ kind: 'REVOKE', at: NOW });
  });

  test('a log-out has no effect when there is nothing to end', () => {
    expect(decideLogOut({ session: { ...session, revokedAt: NOW }, token }, at(1)).kind).toBe('KEEP');
    expect(decideLogOut(undefined, NOW).kind).toBe('KEEP');
  });
});

test('at most one token of a family is valid in any order of use, and none after a reuse', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 6 }), { maxLength: 30 }), (picks) => {
      let family: Session = session;
      const tokens = [token];
      let reused = false;
      for (const pick of picks) {
        const place = pick % tokens.length;
        const shown: ShownToken = { session: family, token: tokens[place] ?? token };
        const change = decideRefresh(shown, `t${tokens.length}`, NOW);
        expect(change.kind).toBe(reused ? 'KEEP' : shown.token.rotatedAt === null ? 'ROTATE' : 'REVOKE');
        if (change.kind === 'REVOKE') {
          reused = true;
          family = { ...family, revokedAt: change.at };
        }
        if (change.kind === 'ROTATE') {
          tokens[place] = { ...shown.token, rotatedAt: change.at };
          tokens.push(change.next);
        }
        expect(tokens.filter(({ rotatedAt }) => rotatedAt === null)).toHaveLength(1);
      }
    }),
  );
});
