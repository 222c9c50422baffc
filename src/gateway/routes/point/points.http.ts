import { Body, Controller, Get, Headers, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { PointService } from '../../../contexts/point/api.ts';
import { type Principal, requireReader, toProto } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/idempotency.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { POINT_API } from '../../server/tokens.ts';
import {
  BALANCE_EXAMPLE,
  BalanceView,
  CancelBody,
  EarnBody,
  TRANSACTION_EXAMPLE,
  TransactionView,
  transactionJson,
} from './point.schemas.ts';

const OneUser = z.strictObject({ userId: PathId });
const HistoryQuery = z.strictObject(PageFields);

@ApiTags('points')
@Controller('api/v1/points')
export class PointsController {
  readonly #point: PointService;

  constructor(@Inject(POINT_API) point: PointService) {
    this.#point = point;
  }

  @Post('earn')
  @Operation({
    summary: 'Give points',
    access: ['ADMIN', 'SERVICE'],
    status: 200,
    idempotent: 'required',
    bodyExample: { userId: '1001', amount: 500, reason: 'A review', expiresAt: '2027-01-01T00:00:00Z' },
    response: {
      schema: TransactionView,
      example: { ...TRANSACTION_EXAMPLE, type: 'EARN', amount: 500, reason: 'A review' },
    },
  })
  async earn(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Headers('idempotency-key') header: string | undefined,
    @Body({ schema: EarnBody }) body: z.output<typeof EarnBody>,
  ) {
    const key = routeKey('earn', principal, header);
    const { expiresAt, availableAt } = body;
    const { commandKey } = call;
    const asked = { ...body, key, expiresAt, availableAt, principal: toProto(principal), commandKey };
    return transactionJson(call.valueFrom(await this.#point.earnPoints(asked)));
  }

  @Post('cancel')
  @Operation({
    summary: 'Reverse a charge, an earn or a use',
    description:
      'Whole and once: a repeat answers the reversal. A customer may cancel their own charges, and their own uses that ' +
      'name no order.',
    access: 'ANY_TOKEN',
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: { transactionId: '7330011234567892', reason: 'Ordered twice' },
    response: {
      schema: TransactionView,
      example: { ...TRANSACTION_EXAMPLE, type: 'CANCEL', amount: -10000, sourceId: '7330011234567892' },
    },
    refusals: ['POINT_TRANSACTION_NOT_FOUND', 'INSUFFICIENT_POINTS', 'FORBIDDEN'],
  })
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: CancelBody }) { transactionId, reason = '' }: z.output<typeof CancelBody>,
  ) {
    const message = { principal: toProto(principal), transactionId, reason, commandKey: call.commandKey };
    return transactionJson(call.valueFrom(await this.#point.cancelTransaction(message)));
  }

  @Get('users/:userId/balance')
  @Operation({
    summary: 'Balance of a user',
    description: 'Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: BalanceView, example: BALANCE_EXAMPLE },
    refusals: ['NOT_FOUND'],
  })
  async balance(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneUser }) { userId }: z.output<typeof OneUser>,
  ) {
    requireReader(principal, userId);
    const { balance, available, pending, held, expiringSoon } = await this.#point.getBalance({ userId });
    return {
      userId: String(userId),
      balance: Number(balance),
      available: Number(available),
      pending: Number(pending),
      held: Number(held),
      expiringSoon: expiringSoon.map(({ amount, expiresAt }) => ({
        amount: Number(amount),
        expiresAt: expiresAt?.toISOString() ?? '',
      })),
    };
  }

  @Get('users/:userId/history')
  @Operation({
    summary: "A user's transactions, newest first",
    description: 'Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    status: 200,
    response: {
      schema: pageView('transactions', TransactionView),
      example: { transactions: [TRANSACTION_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['NOT_FOUND'],
    query: true,
  })
  async history(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneUser }) { userId }: z.output<typeof OneUser>,
    @Query({ schema: HistoryQuery }) query: z.output<typeof HistoryQuery>,
  ) {
    requireReader(principal, userId);
    const { transactions, nextCursor } = await this.#point.listHistory({ userId, page: pageOf(query) });
    return {
      transactions: transactions.map(transactionJson),
      nextCursor: nextCursor ?? null,
      hasMore: nextCursor !== undefined,
    };
  }
}
