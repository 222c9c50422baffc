import { Body, Controller, Get, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ProblemError } from '../../problems/problem.ts';
import type { Language } from '../../server/language.ts';
import { languageOf } from '../../server/language.ts';
import { Operation } from '../../server/operation.ts';
import { SANDBOX_PAYMENTS } from '../../server/tokens.ts';
import { PAGE_CSP, type PaymentPageModel, paymentPage } from './sandbox-payment-page.ts';

type Choice =
  | { readonly kind: 'APPROVE' | 'DECLINE' | 'APPROVE_TWICE' }
  | { readonly kind: 'APPROVE_LATER'; readonly afterMs: number };

/** The sandbox provider's view of a payment. */
export interface SandboxPayments {
  find(ref: string): Promise<PaymentPageModel | undefined>;
  /** Only the first choice has an effect. */
  choose(ref: string, choice: Choice): Promise<void>;
}

const LATER_MS = 30_000;
const OnePayment = z.strictObject({ ref: z.string().regex(/^[\w-]{1,100}$/) });
const ChoiceBody = z.strictObject({ outcome: z.enum(['APPROVE', 'DECLINE', 'APPROVE_LATER', 'APPROVE_TWICE']) });
const PAGE = { schema: z.string(), example: '<!doctype html>…', type: 'text/html' };

/** The payment page of the sandbox provider. The link is the credential: anyone who has it may choose the outcome. */
@ApiTags('sandbox')
@Controller('sandbox/payments')
export class SandboxPaymentsController {
  readonly #payments: SandboxPayments;

  constructor(@Inject(SANDBOX_PAYMENTS) payments: SandboxPayments) {
    this.#payments = payments;
  }

  @Get(':ref')
  @Operation({
    summary: 'The page of a payment in the sandbox',
    description: '`providerUrl` of a payment. Available when `PAYMENT_PROVIDER` is `sandbox`.',
    access: 'ANYBODY',
    status: 200,
    response: PAGE,
    refusals: ['NOT_FOUND'],
  })
  async show(
    @Param({ schema: OnePayment }) { ref }: z.output<typeof OnePayment>,
    @Headers('accept-language') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.#page(ref, languageOf(header), reply);
  }

  @Post(':ref')
  @Operation({
    summary: 'Choose the outcome of a payment in the sandbox',
    description:
      'What the page sends, as a form or as JSON. The first choice counts. APPROVE_LATER is reported 30 s later, APPROVE_TWICE twice.',
    access: 'ANYBODY',
    status: 200,
    bypassesShedding: true,
    form: true,
    bodyExample: { outcome: 'APPROVE' },
    response: PAGE,
    refusals: ['NOT_FOUND'],
  })
  async choose(
    @Param({ schema: OnePayment }) { ref }: z.output<typeof OnePayment>,
    @Body({ schema: ChoiceBody }) { outcome }: z.output<typeof ChoiceBody>,
    @Headers('accept-language') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.#payments.choose(
      ref,
      outcome === 'APPROVE_LATER' ? { kind: outcome, afterMs: LATER_MS } : { kind: outcome },
    );
    return this.#page(ref, languageOf(header), reply);
  }

  async #page(ref: string, language: Language, reply: FastifyReply): Promise<string> {
    const payment = await this.#payments.find(ref);
    if (payment === undefined) throw new ProblemError('NOT_FOUND');
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_CSP)
      .header('content-language', language)
      .header('cache-control', 'no-store')
      // The link is the credential: it must not leave in a Referer header.
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff');
    return paymentPage(payment, language);
  }
}
