import { Body, Controller, Get, Header, Inject, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type IdentityService, normaliseEmail } from '../../../contexts/identity/api.ts';
import type { Principal } from '../../auth/principal.ts';
import type { RevokedSessions } from '../../auth/revoked-sessions.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import type { Limits } from '../../limits/limits.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { IDENTITY_API, LIMITS, REVOKED_SESSIONS } from '../../server/tokens.ts';
import {
  LogInBody,
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

@ApiTags('identity')
@Controller('api/v1/auth')
export class IdentityController {
  readonly #identity: IdentityService;
  readonly #limits: Limits;
  readonly #revoked: RevokedSessions;

  constructor(
    @Inject(IDENTITY_API) identity: IdentityService,
    @Inject(LIMITS) limits: Limits,
    @Inject(REVOKED_SESSIONS) revoked: RevokedSessions,
  ) {
    this.#identity = identity;
    this.#limits = limits;
    this.#revoked = revoked;
  }

  @Post('signup')
  @Operation({
    summary: 'Sign up',
    description:
      'As a customer, or as the owner of stores. A repeat without the same Idempotency-Key is refused, since the address is taken by ' +
      'then. Callers without a token share one space of keys, so keys have to be unguessable; the password is not compared.',
    access: 'ANYBODY',
    status: 201,
    response: { schema: UserView, example: USER_EXAMPLE },
    bodyExample: { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada', role: 'CUSTOMER' },
    refusals: ['EMAIL_TAKEN'],
    idempotent: true,
    secretFields: ['password'],
  })
  async signUp(@Keyed() call: KeyedCall, @Body({ schema: SignUpBody }) body: z.output<typeof SignUpBody>) {
    return userJson(call.valueFrom(await this.#identity.signUp({ ...body, commandKey: call.commandKey })));
  }

  @Post('login')
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Log in',
    description:
      'An unknown address and a wrong password get the same answer after the same time. 5 attempts a minute per account ' +
      'and client address.',
    access: 'ANYBODY',
    status: 200,
    response: { schema: TokensView, example: TOKENS_EXAMPLE },
    bodyExample: { email: 'ada@example.com', password: 'correct horse battery' },
    refusals: ['UNAUTHENTICATED'],
  })
  async logIn(@Req() request: FastifyRequest, @Body({ schema: LogInBody }) body: z.output<typeof LogInBody>) {
    // One account is one bucket, however its address is spelt.
    await this.#limits.login(normaliseEmail(body.email) ?? body.email, request.ip);
    return tokensJson(valueFrom((await this.#identity.logIn(body)).outcome));
  }

  @Post('refresh')
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Exchange a refresh token for new tokens',
    description:
      'A refresh token is good once. Showing it again, also twice at the same time, ends the session: log in again. So ' +
      'refresh from one place at a time.',
    access: 'ANYBODY',
    status: 200,
    response: { schema: TokensView, example: TOKENS_EXAMPLE },
    bodyExample: { refreshToken: TOKENS_EXAMPLE.refreshToken },
    refusals: ['UNAUTHENTICATED'],
  })
  async refresh(@Body({ schema: RefreshBody }) body: z.output<typeof RefreshBody>) {
    return tokensJson(valueFrom((await this.#identity.refresh(body)).outcome));
  }

  @Post('logout')
  @Operation({
    summary: 'Log out',
    description:
      'Ends the session of a refresh token; its access tokens are refused at once here and within 30 s everywhere. 204 ' +
      'whether or not there was such a session.',
    access: 'ANYBODY',
    status: 204,
    bodyExample: { refreshToken: TOKENS_EXAMPLE.refreshToken },
  })
  async logOut(@Body({ schema: RefreshBody }) body: z.output<typeof RefreshBody>): Promise<void> {
    const { sessionId } = await this.#identity.logOut(body);
    if (sessionId !== '') this.#revoked.add(sessionId);
  }

  @Get('profile')
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Read your profile',
    description: "A user of the shop's own login who did not sign up here has no profile: 404 USER_NOT_FOUND.",
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: UserView, example: USER_EXAMPLE },
    refusals: ['USER_NOT_FOUND'],
  })
  async profile(@CurrentPrincipal() principal: Principal) {
    return userJson(valueFrom((await this.#identity.getProfile({ userId: principal.userId })).outcome));
  }

  @Patch('profile')
  @Operation({
    summary: 'Change your profile',
    description: 'Only the fields that are given change.',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: UserView, example: { ...USER_EXAMPLE, marketingConsent: true } },
    bodyExample: { marketingConsent: true },
    refusals: ['USER_NOT_FOUND'],
    idempotent: true,
  })
  async changeProfile(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: ProfileBody }) { profileImageUrl, ...change }: z.output<typeof ProfileBody>,
  ) {
    const image = profileImageUrl === null ? '' : profileImageUrl;
    const { commandKey } = call;
    const message = { ...change, userId: principal.userId, profileImageUrl: image, commandKey };
    return userJson(call.valueFrom(await this.#identity.updateProfile(message)));
  }
}
