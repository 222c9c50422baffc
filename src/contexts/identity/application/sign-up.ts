import { executeOnce } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type SignUpRequest, type SignUpResponse, stored } from '../api.ts';
import { normaliseEmail } from '../domain/email.ts';
import { toLanguage } from '../domain/mail.ts';
import { normalisePassword } from '../domain/password.ts';
import { normaliseName } from '../domain/profile.ts';
import { isSignUpRole, SIGNED_UP_HERE, type SignedUpUser } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { newMail } from './request-mail.ts';
import { commonPassword, invalid, toUser } from './responses.ts';

/**
 * Adds a user. The unique index decides between two sign-ups with one address. Without mail the transaction publishes user.signed_up, and an address
 * that is taken is refused. With mail every address gets the same response after the same work, and the mail says how to go on: a second sign-up before the
 * address is verified takes the password away, and its mail has a link to choose one.
 */
export const signUp =
  ({ store, hasher, isCommonPassword, clock, nextId, mail }: IdentityPorts) =>
  async (request: SignUpRequest): Promise<SignUpResponse> => {
    const email = normaliseEmail(request.email);
    if (email === undefined) return invalid('email');
    const password = normalisePassword(request.password);
    if (password === undefined) return invalid('password');
    if (isCommonPassword(password)) return commonPassword('password');
    const name = normaliseName(request.name);
    if (name === undefined) return invalid('name');
    if (!isSignUpRole(request.role)) return invalid('role');

    const passwordHash = await hasher.hash(password, 'SIGN_UP');
    const at = new Date(clock());
    const user: SignedUpUser = {
      id: nextId(),
      email,
      ...SIGNED_UP_HERE,
      name,
      role: request.role,
      marketingConsent: request.marketingConsent,
      language: toLanguage(request.language),
      profileImageUrl: null,
      profileImageFile: null,
      createdAt: at,
      status: 'ACTIVE',
      emailVerifiedAt: mail === undefined ? at : null,
    };
    if (mail !== undefined) {
      const requested = newMail(mail, nextId(), { email, kind: 'SIGN_UP', language: request.language });
      const response: SignUpResponse = { outcome: { $case: 'mailRequested', value: { email } } };
      const responding = { type: stored.SignUpResponse, refused: toRefusalResponse, respond: () => response };
      const signedUp = await executeOnce(request.commandKey, responding, (idempotency) =>
        mail.store.signUp(user, passwordHash, requested, idempotency),
      );
      mail.changed.notify();
      return signedUp;
    }
    const signedUp = { outboxId: nextId(), userId: user.id, email };
    const respond = (added: boolean): SignUpResponse =>
      added ? { outcome: { $case: 'user', value: toUser(user) } } : toRefusalResponse(refuse('EMAIL_TAKEN'));
    return await executeOnce(
      request.commandKey,
      { type: stored.SignUpResponse, refused: toRefusalResponse, respond },
      (idempotency) => store.addUser(user, passwordHash, signedUp, idempotency),
    );
  };
