import type { Language } from '../../../platform/kernel/language.ts';
import type { LinkPurpose, MailContent } from './mail.ts';

/** What a mail is rendered from. */
export interface MailModel {
  readonly content: MailContent;
  readonly language: Language;
  /** Of the shop: the name of the sender. */
  readonly shop: string;
  /** The name of the account; undefined until the reader is known to own the account. */
  readonly name: string | undefined;
  /** Where the reader goes on. With a token where `content` is for a link. */
  readonly url: string;
  /** Since when the reader consents to marketing. */
  readonly consentAt: Date | null;
}

/** The shape that the layout of mails renders. */
export interface MailDocument {
  readonly language: Language;
  readonly subject: string;
  readonly preview: string;
  readonly brand: string;
  readonly heading: string;
  readonly blocks: readonly (
    | { readonly kind: 'TEXT'; readonly text: string }
    | { readonly kind: 'BUTTON'; readonly text: string; readonly url: string }
  )[];
  readonly notes: readonly never[];
}

interface Words {
  subject(shop: string): string;
  readonly heading: string;
  readonly lines: readonly string[];
  readonly button: string;
  readonly after: readonly string[];
}

const WORDS: Readonly<Record<Language, Readonly<Record<MailContent, Words>>>> = {
  en: {
    VERIFY_EMAIL: {
      subject: (shop) => `Verify your e-mail address for ${shop}`,
      heading: 'Verify your e-mail address',
      lines: ['Somebody signed up with this e-mail address. If that was you, open this link and confirm it:'],
      button: 'Verify the e-mail address',
      after: [
        'The link works once, for 24 hours. Only the link of the newest mail works.',
        'If it was not you, do nothing: without the link the account cannot be used.',
      ],
    },
    RESET_PASSWORD: {
      subject: (shop) => `Choose a new password for ${shop}`,
      heading: 'Choose a new password',
      lines: ['A new password was requested for your account. If that was you, open this link and choose one:'],
      button: 'Choose a new password',
      after: [
        'The link works once, for 30 minutes. Only the link of the newest mail works. A new password ends every session.',
        'If it was not you, do nothing: your password stays as it is.',
      ],
    },
    CHOOSE_PASSWORD: {
      subject: (shop) => `Choose your password for ${shop}`,
      heading: 'Choose your password',
      lines: [
        'Somebody signed up with this e-mail address more than once before it was verified, so none of the passwords counts.',
        'If one of the sign-ups was yours, open this link and choose the password. That also verifies the address:',
      ],
      button: 'Choose the password',
      after: [
        'The link works once, for 24 hours. Only the link of the newest mail works.',
        'If none was yours, do nothing: without the link the account cannot be used.',
      ],
    },
    ALREADY_SIGNED_UP: {
      subject: (shop) => `You have an account at ${shop} already`,
      heading: 'You have an account already',
      lines: [
        'Somebody tried to sign up with this e-mail address, which has an account already. Nothing was changed.',
        'If that was you, log in. If you have forgotten your password, request a new one there:',
      ],
      button: 'Open the shop',
      after: ['If it was not you, you need not do anything.'],
    },
    CONSENT_NOTICE: {
      subject: (shop) => `You get marketing messages from ${shop}`,
      heading: 'Your consent to marketing messages',
      lines: [
        '{shop} confirms every two years that you want its marketing messages. You consented to them on {day}.',
        'To keep your consent, you need not do anything. To withdraw it, open this page. It costs nothing and needs no login.',
      ],
      button: 'Withdraw the consent',
      after: [],
    },
  },
  ko: {
    VERIFY_EMAIL: {
      subject: (shop) => `[${shop}] 이메일 주소를 인증해 주세요`,
      heading: '이메일 주소를 인증해 주세요',
      lines: ['이 이메일 주소로 회원가입이 요청되었습니다. 본인이 맞다면 아래 링크에서 인증해 주세요.'],
      button: '이메일 주소 인증하기',
      after: [
        '링크는 24시간 동안 한 번만 사용할 수 있으며, 가장 최근에 받은 메일의 링크만 유효합니다.',
        '본인이 요청하지 않았다면 이 메일을 무시하세요. 인증하지 않은 계정은 사용할 수 없습니다.',
      ],
    },
    RESET_PASSWORD: {
      subject: (shop) => `[${shop}] 새 비밀번호를 설정해 주세요`,
      heading: '새 비밀번호를 설정해 주세요',
      lines: ['계정의 비밀번호 재설정이 요청되었습니다. 본인이 맞다면 아래 링크에서 새 비밀번호를 설정해 주세요.'],
      button: '새 비밀번호 설정하기',
      after: [
        '링크는 30분 동안 한 번만 사용할 수 있으며, 가장 최근에 받은 메일의 링크만 유효합니다. 비밀번호를 바꾸면 모든 기기에서 로그아웃됩니다.',
        '본인이 요청하지 않았다면 이 메일을 무시하세요. 비밀번호는 바뀌지 않습니다.',
      ],
    },
    CHOOSE_PASSWORD: {
      subject: (shop) => `[${shop}] 비밀번호를 설정해 주세요`,
      heading: '비밀번호를 설정해 주세요',
      lines: [
        '이 이메일 주소가 인증되기 전에 회원가입이 두 번 이상 요청되어, 그때 입력한 비밀번호는 모두 사용할 수 없습니다.',
        '본인이 가입한 것이 맞다면 아래 링크에서 비밀번호를 설정해 주세요. 이메일 주소도 함께 인증됩니다.',
      ],
      button: '비밀번호 설정하기',
      after: [
        '링크는 24시간 동안 한 번만 사용할 수 있으며, 가장 최근에 받은 메일의 링크만 유효합니다.',
        '본인이 요청하지 않았다면 이 메일을 무시하세요. 링크를 열지 않으면 계정을 사용할 수 없습니다.',
      ],
    },
    ALREADY_SIGNED_UP: {
      subject: (shop) => `[${shop}] 이미 가입된 이메일 주소입니다`,
      heading: '이미 가입된 이메일 주소입니다',
      lines: [
        '이미 계정이 있는 이 이메일 주소로 회원가입이 시도되었습니다. 변경된 내용은 없습니다.',
        '본인이 맞다면 로그인해 주세요. 비밀번호가 기억나지 않으면 아래에서 재설정할 수 있습니다.',
      ],
      button: '상점으로 이동',
      after: ['본인이 시도하지 않았다면 아무것도 하지 않아도 됩니다.'],
    },
    CONSENT_NOTICE: {
      subject: (shop) => `[${shop}] 광고성 정보 수신동의 확인 안내`,
      heading: '광고성 정보 수신동의 확인 안내',
      lines: [
        '{shop}은(는) 정보통신망법 제50조 제8항에 따라 2년마다 광고성 정보 수신동의 여부를 확인하고 있습니다. 회원님은 {day}에 수신에 동의하셨습니다.',
        '수신동의를 유지하시려면 아무것도 하지 않으셔도 됩니다. 철회를 원하시면 아래 버튼을 눌러 주세요. 비용이 들지 않으며 로그인이 필요하지 않습니다.',
      ],
      button: '수신동의 철회하기',
      after: [],
    },
  },
};
const GREETING: Readonly<Record<Language, (name: string) => string>> = {
  en: (name) => `Hello ${name},`,
  ko: (name) => `${name}님, 안녕하세요.`,
};

/** The page that a link leads to, below the public URL. A GET of it changes nothing, because scanners of mail open links. */
export const LINK_PATHS: Readonly<Record<LinkPurpose, string>> = {
  VERIFY_EMAIL: '/verify-email',
  RESET_PASSWORD: '/password-reset',
};

/** What the mail says. Names are plain text, whatever they contain: the layout escapes them. */
export function mailDocument({ content, language, shop, name, url, consentAt }: MailModel): MailDocument {
  const { subject, heading, lines, button, after } = WORDS[language][content];
  const greeting = name === undefined ? [] : [GREETING[language](name)];
  const day = consentAt === null ? '' : consentAt.toISOString().slice(0, 10);
  const filled = (text: string) => text.replace('{day}', day).replace('{shop}', () => shop);
  const texts = (parts: readonly string[]) => parts.map((text) => ({ kind: 'TEXT', text: filled(text) }) as const);
  return {
    language,
    subject: subject(shop),
    preview: filled(lines[0] ?? ''),
    brand: shop,
    heading,
    blocks: [...texts([...greeting, ...lines]), { kind: 'BUTTON', text: button, url }, ...texts(after)],
    notes: [],
  };
}
