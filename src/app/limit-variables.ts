import type { LimitSettings } from '../gateway/limits/limit-settings.ts';
import { wholeNumber } from './whole-number.ts';

const REQUESTS_MAX = 1_000_000;

/** The variable of each limit, with its default. */
export const LIMIT_VARIABLES = {
  STAMPEDE_LIMIT_PRINCIPAL: wholeNumber(1, REQUESTS_MAX).prefault('100'),
  STAMPEDE_LIMIT_ADDRESS: wholeNumber(1, REQUESTS_MAX).prefault('300'),
  STAMPEDE_LIMIT_API_KEY: wholeNumber(1, REQUESTS_MAX).prefault('6000'),
  STAMPEDE_LIMIT_LOGIN: wholeNumber(1, REQUESTS_MAX).prefault('5'),
  STAMPEDE_LIMIT_LOGIN_ACCOUNT: wholeNumber(1, REQUESTS_MAX).prefault('30'),
  STAMPEDE_LIMIT_LOGIN_ADDRESS: wholeNumber(1, REQUESTS_MAX).prefault('60'),
  STAMPEDE_LIMIT_MAIL: wholeNumber(1, REQUESTS_MAX).prefault('3'),
  STAMPEDE_LIMIT_MAIL_ACCOUNT: wholeNumber(1, REQUESTS_MAX).prefault('10'),
  STAMPEDE_LIMIT_MAIL_ADDRESS: wholeNumber(1, REQUESTS_MAX).prefault('100'),
  STAMPEDE_LIMIT_CODES_MINUTE: wholeNumber(1, REQUESTS_MAX).prefault('5'),
  STAMPEDE_LIMIT_CODES_HOUR: wholeNumber(1, REQUESTS_MAX).prefault('20'),
  STAMPEDE_LIMIT_CODES_WRONG: wholeNumber(1, REQUESTS_MAX).prefault('20'),
  STAMPEDE_LIMIT_CODES_BLOCK_HOURS: wholeNumber(1, 720).prefault('24'),
  STAMPEDE_LIMIT_CODES_WRONG_ADDRESS: wholeNumber(1, REQUESTS_MAX).prefault('200'),
  STAMPEDE_LIMIT_STREAMS_PRINCIPAL: wholeNumber(1, REQUESTS_MAX).prefault('10'),
  STAMPEDE_LIMIT_STREAMS_ADDRESS: wholeNumber(1, REQUESTS_MAX).prefault('100'),
};
type LimitVariable = keyof typeof LIMIT_VARIABLES;

export const LIMIT_ADVICE = Object.fromEntries(
  Object.keys(LIMIT_VARIABLES).map((name) => [name, `Set for example ${name}=20, or leave it out.`]),
) as Readonly<Record<LimitVariable, string>>;

/** The limits that the variables set. */
export const limitsOf = (values: Readonly<Record<LimitVariable, number>>): LimitSettings => ({
  principal: values.STAMPEDE_LIMIT_PRINCIPAL,
  address: values.STAMPEDE_LIMIT_ADDRESS,
  apiKey: values.STAMPEDE_LIMIT_API_KEY,
  login: values.STAMPEDE_LIMIT_LOGIN,
  loginAccount: values.STAMPEDE_LIMIT_LOGIN_ACCOUNT,
  loginAddress: values.STAMPEDE_LIMIT_LOGIN_ADDRESS,
  mail: {
    aRecipientAndAddress: values.STAMPEDE_LIMIT_MAIL,
    aRecipient: values.STAMPEDE_LIMIT_MAIL_ACCOUNT,
    anAddress: values.STAMPEDE_LIMIT_MAIL_ADDRESS,
  },
  codes: {
    aMinute: values.STAMPEDE_LIMIT_CODES_MINUTE,
    anHour: values.STAMPEDE_LIMIT_CODES_HOUR,
    wrongAnHour: values.STAMPEDE_LIMIT_CODES_WRONG,
    blockSeconds: values.STAMPEDE_LIMIT_CODES_BLOCK_HOURS * 3_600,
    wrongOfAddress: values.STAMPEDE_LIMIT_CODES_WRONG_ADDRESS,
  },
  streams: {
    principal: values.STAMPEDE_LIMIT_STREAMS_PRINCIPAL,
    address: values.STAMPEDE_LIMIT_STREAMS_ADDRESS,
  },
});
