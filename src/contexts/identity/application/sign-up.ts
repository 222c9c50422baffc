import { executeOnce } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type SignUpRequest, type SignUpResponse, stored } from '../api.ts';
import { normaliseEmail } from '../domain/email.ts';
import { normalisePassword } from '../domain/password.ts';
import { normaliseName } from '../domain/profile.ts';
import { isSignUpRole, type UserRecord } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { commonPassword, invalid, toUser } from './responses.ts';

/** Adds a user and publishes user.signed_up in the same transaction. The unique index decides between two sign-ups with one address. */
export const signUp =
  ({ store, hasher, isCommonPassword, clock, nextId }: IdentityPorts) =>
  async (request: SignUpRequest): Promise<SignUpResponse> => {
    const email = normaliseEmail(request.email);
    if (email === undefined) return invalid('email');
    const password = normalisePassword(request.password);
    if (password === undefined) return invalid('password');
    if (isCommonPassword(password)) return commonPassword('password');
    const name = normaliseName(request.name);
    if (name === undefined) return invalid('name');
    if (!isSignUpRole(request.role)) return invalid('role');

    const passwordHash = await hasher.hash(password);
    const user: UserRecord = {
      id: nextId(),
      email,
      name,
      role: request.role,
      marketingConsent: request.marketingConsent,
      profileImageUrl: null,
      profileImageFile: null,
      createdAt: new Date(clock()),
      status: 'ACTIVE',
    };
    const signedUp = { outboxId: nextId(), userId: user.id, email };
    const respond = (added: boolean): SignUpResponse =>
      added ? { outcome: { $case: 'user', value: toUser(user) } } : toRefusalResponse(refuse('EMAIL_TAKEN'));
    return await executeOnce(
      request.commandKey,
      { type: stored.SignUpResponse, refused: toRefusalResponse, respond },
      (idempotency) => store.addUser(user, passwordHash, signedUp, idempotency),
    );
  };
