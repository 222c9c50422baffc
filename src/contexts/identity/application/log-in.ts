import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { LogInRequest, LogInResponse } from '../api.ts';
import { normaliseEmail } from '../domain/email.ts';
import { normalisePassword } from '../domain/password.ts';
import { REFRESH_LIFE_MS, type RefreshToken, type Session } from '../domain/session.ts';
import { refuse } from '../refusals.ts';
import { issueTokens } from './issue-tokens.ts';
import type { IdentityPorts } from './ports.ts';

/**
 * Opens a session. Every failure (unknown address, wrong password, invalid address) costs one look-up and one verification and gets the
 * same response, so that it does not reveal which accounts exist; so does an address that is not verified, where mail is configured. Refused: UNAUTHENTICATED, ACCOUNT_LOCKED.
 */
export const logIn =
  (ports: IdentityPorts) =>
  async (request: LogInRequest): Promise<LogInResponse> => {
    const { store, hasher, secrets, clock, nextId } = ports;
    const password = normalisePassword(request.password);
    // Text that can be no address or password is looked up and verified all the same.
    const known = await store.credentialsByEmail(normaliseEmail(request.email) ?? '');
    const hash = password === undefined ? undefined : known?.passwordHash;
    const verified = await hasher.verify(hash, password ?? '', request.fromKnownAddress ? 'KNOWN_LOG_IN' : 'LOG_IN');
    if (!verified || known === undefined) return toRefusalResponse(refuse('UNAUTHENTICATED'));
    // Only who knows the password learns that the account is locked.
    if (known.user.status !== 'ACTIVE') return toRefusalResponse(refuse('ACCOUNT_LOCKED'));

    if (known.user.emailVerifiedAt === null) {
      // The response to a wrong password: another one would show that the address had no account before somebody signed up with it.
      if (ports.mail !== undefined) return toRefusalResponse(refuse('UNAUTHENTICATED'));
      await store.acceptEmail(known.user.id, new Date(clock()), nextId());
    }

    const secret = secrets.random();
    const startedAt = new Date(clock());
    const expiresAt = new Date(startedAt.getTime() + REFRESH_LIFE_MS);
    const session: Session = { id: nextId(), userId: known.user.id, startedAt, expiresAt, revokedAt: null };
    const token: RefreshToken = { digest: secrets.digest(secret), expiresAt, rotatedAt: null };
    // The password was changed, or the account was locked, since it was read.
    if (!(await store.addSession(session, token, known.passwordHash)))
      return toRefusalResponse(refuse('UNAUTHENTICATED'));
    return { outcome: { $case: 'tokens', value: issueTokens(ports, known.user, { id: session.id, secret }) } };
  };
