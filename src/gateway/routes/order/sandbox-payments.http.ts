import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Language } from '../../../platform/kernel/language.ts';
import { ProblemError } from '../../problems/problem.ts';
import { sendAsPage } from '../../server/html-page.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import { type PaymentPageModel, paymentPage } from './sandbox-payment-page.ts';

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
export const sandboxPaymentsRoutes = ({
  sandboxPayments,
  currency,
}: {
  readonly sandboxPayments: SandboxPayments | undefined;
  /** ISO 4217: what is paid for points is in it. */
  readonly currency: string;
}): readonly Route[] => (sandboxPayments === undefined ? [] : routesOf(sandboxPayments, currency));

function routesOf(payments: SandboxPayments, currency: string): readonly Route[] {
  async function page(ref: string, language: Language, reply: FastifyReply): Promise<string> {
    const payment = await payments.find(ref);
    if (payment === undefined) throw new ProblemError('NOT_FOUND');
    sendAsPage(reply, language);
    return paymentPage(payment, currency, language);
  }

  return [
    route({
      id: 'showSandboxPaymentPage',
      tag: 'sandbox',
      method: 'GET',
      paths: ['/sandbox/payments/:ref'],
      summary: 'Show the page of a payment in the sandbox',
      description: '`providerUrl` of a payment. Available when `PAYMENT_PROVIDER` is `sandbox`.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      response: PAGE,
      refusals: ['NOT_FOUND'],
      params: OnePayment,
      async handle({ params: { ref }, request, reply }) {
        return page(ref, languageOf(request.headers['accept-language']), reply);
      },
    }),
    route({
      id: 'completeSandboxPayment',
      tag: 'sandbox',
      method: 'POST',
      paths: ['/sandbox/payments/:ref'],
      summary: 'Choose the outcome of a payment in the sandbox',
      description:
        'The page sends this as a form or as JSON. The first choice counts. APPROVE_LATER is reported 30 s later, ' +
        'APPROVE_TWICE twice.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      bypassesShedding: true,
      form: true,
      bodyExample: { outcome: 'APPROVE' },
      response: PAGE,
      refusals: ['NOT_FOUND'],
      params: OnePayment,
      body: ChoiceBody,
      async handle({ params: { ref }, body: { outcome }, request, reply }) {
        await payments.choose(
          ref,
          outcome === 'APPROVE_LATER' ? { kind: outcome, afterMs: LATER_MS } : { kind: outcome },
        );
        return page(ref, languageOf(request.headers['accept-language']), reply);
      },
    }),
  ];
}
