import type { LimitSettings } from '../../gateway/limits/limit-settings.ts';
import { wholeNumber } from './schemas.ts';
import type { ValuesOf, Variables } from './variable.ts';

const REQUESTS_MAX = 1_000_000;

const limit = (byDefault: number, max = REQUESTS_MAX) => ({
  schema: wholeNumber(1, max).prefault(String(byDefault)),
  advice: (name: string) => `Set for example ${name}=20, or leave it out.`,
});

/** The variable of each limit, with its default. */
export const LIMIT_VARIABLES = {
  STAMPEDE_LIMIT_PRINCIPAL: limit(100),
  STAMPEDE_LIMIT_ADDRESS: limit(300),
  STAMPEDE_LIMIT_API_KEY: limit(6_000),
  STAMPEDE_LIMIT_LOGIN: limit(5),
  STAMPEDE_LIMIT_LOGIN_ACCOUNT: limit(30),
  STAMPEDE_LIMIT_LOGIN_ADDRESS: limit(60),
  STAMPEDE_LIMIT_MAIL: limit(3),
  STAMPEDE_LIMIT_MAIL_ACCOUNT: limit(10),
  STAMPEDE_LIMIT_MAIL_ADDRESS: limit(100),
  STAMPEDE_LIMIT_CODES_MINUTE: limit(5),
  STAMPEDE_LIMIT_CODES_HOUR: limit(20),
  STAMPEDE_LIMIT_CODES_WRONG: limit(20),
  STAMPEDE_LIMIT_CODES_BLOCK_HOURS: limit(24, 720),
  STAMPEDE_LIMIT_CODES_WRONG_ADDRESS: limit(200),
  STAMPEDE_LIMIT_STREAMS_PRINCIPAL: limit(10),
  STAMPEDE_LIMIT_STREAMS_ADDRESS: limit(100),
} satisfies Variables;

/** The limits that the variables set. */
export const limitsOf = (values: ValuesOf<typeof LIMIT_VARIABLES>): LimitSettings => ({
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
