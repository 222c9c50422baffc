import { z } from 'zod';
import { DEFAULT_SHOP } from '../../platform/kernel/shop.ts';
import { canonicalZone, isZone } from '../../platform/kernel/time-zone.ts';
import { wholeNumber } from './schemas.ts';
import type { Variables } from './variable.ts';

const POINTS_RANGE = 'must be a whole number from 1 to 999999999999999';

/** Those that this Node has figures of. */
const isCurrency = (code: string): boolean => Intl.supportedValuesOf('currency').includes(code);

/** How the shop sells. */
export const SHOP_VARIABLES = {
  STAMPEDE_TIME_ZONE: {
    schema: z
      .string()
      .refine(isZone, 'must be an IANA time zone')
      .transform((zone) => canonicalZone(zone) ?? zone)
      .prefault(DEFAULT_SHOP.timeZone),
    advice: 'Set for example STAMPEDE_TIME_ZONE=Asia/Seoul.',
  },
  CURRENCY: {
    schema: z.string().refine(isCurrency, 'must be a currency code of ISO 4217').default(DEFAULT_SHOP.currency),
    advice: 'Set for example CURRENCY=KRW.',
  },
  STAMPEDE_RESERVATION_MINUTES: {
    schema: wholeNumber(1, 60).prefault('10'),
    advice: 'Set for example STAMPEDE_RESERVATION_MINUTES=10.',
  },
  STAMPEDE_OPENING_REMINDER_MINUTES: {
    schema: wholeNumber(1, 1_440).prefault('10'),
    advice: 'Set for example STAMPEDE_OPENING_REMINDER_MINUTES=10.',
  },
  POINT_BALANCE_MAX: {
    schema: z
      .string()
      .regex(/^[1-9]\d{0,14}$/, POINTS_RANGE)
      .transform(BigInt)
      .prefault('1000000'),
    advice: 'Set for example POINT_BALANCE_MAX=1000000.',
  },
  POINT_EARN_RATE_BP: {
    schema: wholeNumber(0, 10_000).prefault('0'),
    advice: 'Set for example POINT_EARN_RATE_BP=100 for 1 percent.',
  },
  POINT_EARN_DELAY_DAYS: {
    schema: wholeNumber(0, 365).prefault('7'),
    advice: 'Set for example POINT_EARN_DELAY_DAYS=7.',
  },
} satisfies Variables;
