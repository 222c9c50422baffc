import type {
  ChangePasswordResponse,
  IdentityRefusalCode,
  IdentityService,
  LogInResponse,
} from '../../../contexts/identity/api.ts';
import { refusalIn } from '../../../platform/kernel/refusal.ts';
import type { BlockedUsers } from '../../auth/blocked-users.ts';
import type { PrivilegedUsers } from '../../auth/privileged-users.ts';
import { rejectedParts } from '../../auth/rejected.ts';
import type { RevokedSessions } from '../../auth/revoked-sessions.ts';
import { accountOfEmail, accountOfUser } from '../../limits/limited-account.ts';
import type { LoginLimits } from '../../limits/login-limits.ts';
import type { MailLimits } from '../../limits/mail-limits.ts';
import { ProblemError, valueFrom } from '../../problems/problem.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import type { ReadImage } from '../../uploads/image-upload.ts';
import { type FileUrl, IMAGE_RULES, IMAGE_URL_EXAMPLE } from '../files/file-url.ts';
import {
  LogInBody,
  PasswordBody,
  ProfileBody,
  RefreshBody,
  SignUpBody,
  TOKENS_EXAMPLE,
  TokensView,
  tokensJson,
  USER_EXAMPLE,
  UserView,
  userJson,
} from './identity.schemas.ts';
import { MAIL_REQUESTED_EXAMPLE, MailRequestedView } from './mail.schemas.ts';

/**
 * Of each route that hashes a password for any caller. One core hashes these in some 3 s; without a bound a flood of log-ins takes the event loop by
 * reading what the queue of hashes then refuses.
 */
const HASHED_IN_FLIGHT_MAX = 128;

export const identityRoutes = ({
  identity,
  loginLimits,
  mailLimits,
  revoked,
  blocked,
  privileged,
  readImage,
  fileUrl,
}: {
  readonly identity: IdentityService;
  readonly loginLimits: LoginLimits;
  readonly mailLimits: MailLimits;
  readonly revoked: RevokedSessions;
  readonly blocked: Pick<BlockedUsers, 'add'>;
  readonly privileged: Pick<PrivilegedUsers, 'add'>;
  readonly readImage: ReadImage;
  readonly fileUrl: FileUrl;
}): readonly Route[] => [
  route({
    id: 'signUpUser',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/signup'],
    summary: 'Sign up',
    description:
      'As a customer, or as the owner of stores. Without mail: 201, and a repeat without the same Idempotency-Key is refused, because the ' +
      'address is taken by then. With mail (`SMTP_URL`): 202 for every address, after the same time; the user verifies the address by the link in the mail, and ' +
      'cannot log in before. An address that has an account gets a mail that says so. 3 mails an hour to an address from one client address, and 10 from all. Callers without a token share one space of keys, so a key must be unguessable; the ' +
      'password is not compared.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 201,
    response: { schema: UserView, example: USER_EXAMPLE },
    otherResponse: {
      status: 202,
      isReplayed: true,
      description: 'With mail configured',
      schema: MailRequestedView,
      example: MAIL_REQUESTED_EXAMPLE,
    },
    bodyExample: { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada', role: 'CUSTOMER' },
    inFlightMax: HASHED_IN_FLIGHT_MAX,
    refusals: ['EMAIL_TAKEN'],
    idempotent: true,
    secretFields: ['password'],
    body: SignUpBody,
    async handle({ call, body, request, reply }) {
      await mailLimits.request(accountOfEmail(body.email), request);
      const language = languageOf(request.headers['accept-language']);
      const signedUp = call.valueFrom(await identity.signUp({ ...body, language, commandKey: call.takeCommandKey() }));
      if (!('id' in signedUp)) {
        reply.status(202);
        return { email: signedUp.email };
      }
      if (signedUp.role !== 'CUSTOMER') privileged.add(signedUp.id);
      return userJson(signedUp, fileUrl);
    },
  }),
  route({
    id: 'logInUser',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/login'],
    summary: 'Log in',
    description:
      'An unknown address, a wrong password and, where mail is configured, an address that is not verified get the same response after the same time. 5 attempts a minute per account and client ' +
      'address, and wider limits for an address and for an account from addresses from which it has not logged in before.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 200,
    response: { schema: TokensView, example: TOKENS_EXAMPLE },
    bodyExample: { email: 'ada@example.com', password: 'correct horse battery' },
    inFlightMax: HASHED_IN_FLIGHT_MAX,
    refusals: ['UNAUTHENTICATED', 'ACCOUNT_LOCKED'],
    noStore: true,
    ownCredential: true,
    body: LogInBody,
    async handle({ request, body }) {
      const attempt = await loginLimits.attempt(accountOfEmail(body.email), request);
      const response = await identity.logIn({ ...body, fromKnownAddress: attempt.isKnown });
      if (isUnauthenticated(response)) throw new ProblemError('UNAUTHENTICATED', rejectedParts('WRONG_PASSWORD'));
      const tokens = valueFrom(response.outcome);
      await attempt.succeeded();
      return tokensJson(tokens);
    },
  }),
  route({
    id: 'refreshTokens',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/refresh'],
    summary: 'Exchange a refresh token for new tokens',
    description:
      'A refresh token is valid for one use. A second use, also a concurrent one, ends the session, and the user ' +
      'has to log in again. So refresh from one place at a time.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 200,
    response: { schema: TokensView, example: TOKENS_EXAMPLE },
    bodyExample: { refreshToken: TOKENS_EXAMPLE.refreshToken },
    refusals: ['UNAUTHENTICATED'],
    noStore: true,
    ownCredential: true,
    body: RefreshBody,
    async handle({ body }) {
      const response = await identity.refresh(body);
      if (isUnauthenticated(response)) {
        throw new ProblemError('UNAUTHENTICATED', rejectedParts('REFRESH_TOKEN_INVALID'));
      }
      return tokensJson(valueFrom(response.outcome));
    },
  }),
  route({
    id: 'logOutUser',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/logout'],
    summary: 'Log out',
    description:
      'Ends the session of a refresh token; its access tokens are refused at once here and within a second everywhere. 204 ' +
      'whether or not there was such a session.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 204,
    bodyExample: { refreshToken: TOKENS_EXAMPLE.refreshToken },
    ownCredential: true,
    body: RefreshBody,
    async handle({ body }): Promise<void> {
      const { sessionId } = await identity.logOut(body);
      if (sessionId !== '') revoked.add(sessionId);
    },
  }),
  route({
    id: 'getProfile',
    tag: 'identity',
    method: 'GET',
    paths: ['/api/v1/auth/profile'],
    summary: 'Read your profile',
    description:
      'A user of another issuer has a profile from the first token on: its `userId` is the one that paths and bodies need. A token that names an id of this ' +
      'system whose user did not sign up here, such as one with `subjectIsUserId`, has none: 404 USER_NOT_FOUND.',
    access: 'ANY_TOKEN',
    scope: 'users:read',
    status: 200,
    response: { schema: UserView, example: USER_EXAMPLE },
    refusals: ['USER_NOT_FOUND'],
    async handle({ principal }) {
      return userJson(valueFrom((await identity.getProfile({ userId: principal.userId })).outcome), fileUrl);
    },
  }),
  route({
    id: 'updateProfile',
    tag: 'identity',
    method: 'PATCH',
    paths: ['/api/v1/auth/profile'],
    summary: 'Change your profile',
    description: 'Only the fields that are given change.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 200,
    response: { schema: UserView, example: USER_EXAMPLE },
    bodyExample: { marketingConsent: true },
    refusals: ['USER_NOT_FOUND'],
    idempotent: true,
    body: ProfileBody,
    async handle({ principal, call, body: { profileImageUrl, ...change } }) {
      const image = profileImageUrl === null ? '' : profileImageUrl;
      const commandKey = call.takeCommandKey();
      const message = { ...change, userId: principal.userId, profileImageUrl: image, commandKey };
      return userJson(call.valueFrom(await identity.updateProfile(message)), fileUrl);
    },
  }),
  route({
    id: 'replaceProfileImage',
    tag: 'identity',
    method: 'PUT',
    paths: ['/api/v1/auth/profile/image'],
    summary: 'Upload your profile image',
    description: `${IMAGE_RULES} It is made to fit into 512 by 512 pixels, and replaces the one before.`,
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 200,
    response: { schema: UserView, example: { ...USER_EXAMPLE, profileImageUrl: IMAGE_URL_EXAMPLE } },
    refusals: ['USER_NOT_FOUND'],
    idempotent: true,
    image: true,
    async handle({ principal, call, request }) {
      const { content, digest } = await readImage(principal, request);
      const commandKey = call.takeCommandKey(digest);
      const response = await identity.setProfileImage({ userId: principal.userId, content, commandKey });
      return userJson(call.valueFrom(response), fileUrl);
    },
  }),
  route({
    id: 'deleteProfileImage',
    tag: 'identity',
    method: 'DELETE',
    paths: ['/api/v1/auth/profile/image'],
    summary: 'Remove your profile image',
    description: 'Uploaded or not. A repeat changes nothing.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 204,
    refusals: ['USER_NOT_FOUND'],
    idempotent: true,
    async handle({ principal: { userId }, call }): Promise<void> {
      const commandKey = call.takeCommandKey();
      call.valueFrom(await identity.setProfileImage({ userId, content: undefined, commandKey }));
    },
  }),
  route({
    id: 'deleteAccount',
    tag: 'identity',
    method: 'DELETE',
    paths: ['/api/v1/auth/profile'],
    summary: 'Delete your account',
    description:
      'For good: address, name, image and password are deleted, and every session ends. Orders and points keep the id of the user, and nothing else. ' +
      'Your stores close, and their coupon policies end. The last active administrator cannot go.',
    access: 'ANY_TOKEN',
    scope: 'NEVER',
    status: 204,
    refusals: ['USER_NOT_FOUND', 'LAST_ADMIN'],
    idempotent: true,
    async handle({ principal: { userId }, call }): Promise<void> {
      const response = await identity.deleteAccount({ userId, commandKey: call.takeCommandKey() });
      for (const sessionId of call.valueFrom(response).sessionIds) revoked.add(sessionId);
      blocked.add(userId);
    },
  }),
  route({
    id: 'changePassword',
    tag: 'identity',
    method: 'PUT',
    paths: ['/api/v1/auth/password'],
    summary: 'Change your password',
    description:
      'Every session ends, also this one: log in again with the new password. A wrong current password gets 401 with the reason WRONG_PASSWORD, ' +
      'and counts as an attempt to log in.',
    access: 'ANY_TOKEN',
    scope: 'NEVER',
    status: 204,
    bodyExample: { currentPassword: 'correct horse battery', newPassword: 'staple of another kind' },
    inFlightMax: HASHED_IN_FLIGHT_MAX,
    refusals: ['USER_NOT_FOUND'],
    idempotent: true,
    secretFields: ['currentPassword', 'newPassword'],
    body: PasswordBody,
    async handle({ principal: { userId }, call, body, request }): Promise<void> {
      // A bucket beside that of the log-ins: who holds a stolen token guesses no faster than who holds none.
      await loginLimits.attempt(accountOfUser(userId), request);
      const response = await identity.changePassword({ userId, ...body, commandKey: call.takeCommandKey() });
      if (isUnauthenticated(response)) {
        throw new ProblemError('UNAUTHENTICATED', rejectedParts('WRONG_PASSWORD'));
      }
      for (const sessionId of call.valueFrom(response).sessionIds) revoked.add(sessionId);
    },
  }),
];

const isUnauthenticated = (response: LogInResponse | ChangePasswordResponse): boolean =>
  refusalIn<IdentityRefusalCode>(response)?.code === 'UNAUTHENTICATED';
