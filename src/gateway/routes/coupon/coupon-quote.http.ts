import type { CouponQuotes, CouponService } from '../../../contexts/coupon/api.ts';
import { subjectOf } from '../../auth/principal.ts';
import { codeCallerFor } from '../../limits/code-caller.ts';
import type { CodeLimits } from '../../limits/code-limits.ts';
import { valueFrom } from '../../problems/problem.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import { QUOTE_BODY_EXAMPLE, QUOTES_EXAMPLE, QuoteBody, QuotesView, quotesJson } from './coupon-quote.schemas.ts';

/** What coupons and codes would take off a cart. */
export const couponQuoteRoutes = ({
  coupon,
  codeLimits,
}: {
  readonly coupon: CouponService;
  readonly codeLimits: CodeLimits;
}): readonly Route[] => [
  route({
    id: 'quoteCart',
    tag: 'coupons',
    method: 'POST',
    paths: ['/api/v1/coupons/quote', '/api/coupons/quote'],
    summary: 'Quote coupons and codes for a cart',
    description:
      'What each of them takes off the cart if reserved now, the best first, or why it takes nothing off. Without `couponIds` all coupons ' +
      'that the user could reserve. Nothing is reserved or stored: only reserving a coupon or placing an order is binding, and an order ' +
      'has the prices of its products. Unknown, used up and unavailable codes have the reason COUPON_CODE_NOT_FOUND. Each code counts as one of the 5 a minute and 20 an hour of all routes for codes; after 20 wrong ones within ' +
      'an hour 24 hours of RATE_LIMITED.',
    access: 'ANY_TOKEN',
    scope: 'coupons:use',
    status: 200,
    response: { schema: QuotesView, example: QUOTES_EXAMPLE },
    bodyExample: QUOTE_BODY_EXAMPLE,
    refusals: ['RATE_LIMITED'],
    body: QuoteBody,
    async handle({ principal, request, body: { userId: named, lines, couponIds, codes = [] } }) {
      const userId = subjectOf(principal, named);
      const caller = codeCallerFor(principal, userId, request);
      // Before any of them is looked at, so that a request of several codes is not worth more than several requests.
      if (caller !== undefined) for (const _code of codes) await codeLimits.admit(caller);
      const allUsable = couponIds === undefined;
      const message = { userId, lines, allUsable, couponIds: couponIds ?? [], codes };
      const quotes = valueFrom((await coupon.quoteCoupons(message)).outcome);
      if (caller !== undefined) for (const _code of wrongCodesIn(quotes)) await codeLimits.wrong(caller);
      return quotesJson(quotes, languageOf(request.headers['accept-language']));
    },
  }),
];

const wrongCodesIn = ({ quotes }: CouponQuotes) =>
  quotes.filter(({ outcome }) => outcome?.$case === 'refusal' && outcome.value.code === 'COUPON_CODE_NOT_FOUND');
