import { normaliseEmail } from '../domain/email.ts';
import { normalisePassword } from '../domain/password.ts';
import { SIGNED_UP_HERE } from '../domain/user.ts';
import type { Credentials, IdentityPorts } from './ports.ts';

export interface EnsureAdminRequest {
  readonly email: string;
  /** From the operator's configuration; undefined = generated when the account is created. */
  readonly password?: string;
  /**
   * Keeps a generated password before its account is created, and returns how to forget it should another node create the account
   * first. When it throws no account is created.
   */
  readonly keepPassword?: (password: string) => () => void;
}
export interface EnsureAdminResult {
  readonly userId: bigint;
  readonly email: string;
  readonly created: boolean;
  /** Set when this call generated the password, which is not stored in clear text. */
  readonly generatedPassword?: string;
}

/**
 * Creates the administrator's account if it does not exist. An existing password is only replaced by a different one of the request; then
 * every session of the account ends. Safe when several nodes start at once.
 * @throws Error when the e-mail or password is not valid, or another user has the address
 */
export const ensureAdmin =
  (ports: IdentityPorts) =>
  async (request: EnsureAdminRequest): Promise<EnsureAdminResult> => {
    const { store, hasher, isCommonPassword, secrets, clock, nextId } = ports;
    const email = normaliseEmail(request.email);
    if (email === undefined) throw new Error('The administrator’s e-mail address is not valid');
    const given = request.password === undefined ? undefined : normalisePassword(request.password);
    if (request.password !== undefined && given === undefined) {
      throw new Error('The administrator’s password must have 10 to 128 characters');
    }
    if (given !== undefined && isCommonPassword(given)) {
      throw new Error(
        'The administrator’s password is one of the most common ones. Set another STAMPEDE_ADMIN_PASSWORD.',
      );
    }

    const existing = await store.credentialsByEmail(email);
    if (existing !== undefined) return keep(ports, email, existing, given);
    const password = given ?? secrets.random();
    const forget = given === undefined ? request.keepPassword?.(password) : undefined;
    const id = nextId();
    const createdAt = new Date(clock());
    const added = await store.addUser(
      {
        id,
        email,
        ...SIGNED_UP_HERE,
        name: 'Administrator',
        role: 'ADMIN',
        marketingConsent: false,
        language: 'en',
        profileImageUrl: null,
        profileImageFile: null,
        createdAt,
        status: 'ACTIVE',
        emailVerifiedAt: createdAt,
      },
      await hasher.hash(password, 'LOG_IN'),
    );
    if (added) return { userId: id, email, created: true, ...(given === undefined && { generatedPassword: password }) };
    forget?.();
    // Another node created the account between the read and the insert.
    const winner = await store.credentialsByEmail(email);
    if (winner === undefined) throw new Error('The administrator’s account was deleted meanwhile');
    return keep(ports, email, winner, given);
  };

async function keep(
  { store, hasher, clock }: IdentityPorts,
  email: string,
  { user, passwordHash }: Credentials,
  given: string | undefined,
): Promise<EnsureAdminResult> {
  if (user.role !== 'ADMIN') throw new Error(`${email} belongs to an account that is not an administrator`);
  if (given !== undefined && !(await hasher.verify(passwordHash, given, 'LOG_IN'))) {
    await store.changePassword({
      userId: user.id,
      passwordHash: await hasher.hash(given, 'LOG_IN'),
      at: new Date(clock()),
    });
  }
  return { userId: user.id, email, created: false };
}
