import { escapeHtml } from '../../../platform/kernel/escape-html.ts';
import type { LinkPurpose, MailContent, MailLanguage } from './mail.ts';

/** What a mail is rendered from. */
export interface MailModel {
  readonly content: MailContent;
  readonly language: MailLanguage;
  /** Of the shop: the name of the sender. */
  readonly shop: string;
  /** The name of the account; undefined until the reader is known to own the account. */
  readonly name: string | undefined;
  /** Where the reader goes on. With a token where `content` is for a link. */
  readonly url: string;
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface Words {
  subject(shop: string): string;
  readonly lines: readonly string[];
  readonly button: string;
  readonly after: readonly string[];
}

const WORDS: Readonly<Record<MailLanguage, Readonly<Record<MailContent, Words>>>> = {
  en: {
    VERIFY_EMAIL: {
      subject: (shop) => `Verify your e-mail address for ${shop}`,
      lines: ['Somebody signed up with this e-mail address. If that was you, open this link and confirm it:'],
      button: 'Verify the e-mail address',
      after: [
        'The link works once, for 24 hours. Only the link of the newest mail works.',
        'If it was not you, do nothing: without the link the account cannot be used.',
      ],
    },
    RESET_PASSWORD: {
      subject: (shop) => `Choose a new password for ${shop}`,
      lines: ['Somebody asked for a new password for your account. If that was you, open this link and choose one:'],
      button: 'Choose a new password',
      after: [
        'The link works once, for 30 minutes. Only the link of the newest mail works. A new password ends every session.',
        'If it was not you, do nothing: your password stays as it is.',
      ],
    },
    CHOOSE_PASSWORD: {
      subject: (shop) => `Choose your password for ${shop}`,
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
      lines: [
        'Somebody tried to sign up with this e-mail address, which has an account already. Nothing was changed.',
        'If that was you, log in. If you do not know your password any more, ask for a new one there:',
      ],
      button: 'Open the shop',
      after: ['If it was not you, you need not do anything.'],
    },
  },
  ko: {
    VERIFY_EMAIL: {
      subject: (shop) => `[${shop}] 이메일 주소를 인증해 주세요`,
      lines: ['이 이메일 주소로 회원가입이 요청되었습니다. 본인이 맞다면 아래 링크에서 인증해 주세요.'],
      button: '이메일 주소 인증하기',
      after: [
        '링크는 24시간 동안 한 번만 사용할 수 있으며, 가장 최근에 받은 메일의 링크만 유효합니다.',
        '본인이 요청하지 않았다면 이 메일을 무시하세요. 인증하지 않은 계정은 사용할 수 없습니다.',
      ],
    },
    RESET_PASSWORD: {
      subject: (shop) => `[${shop}] 새 비밀번호를 설정해 주세요`,
      lines: ['계정의 비밀번호 재설정이 요청되었습니다. 본인이 맞다면 아래 링크에서 새 비밀번호를 설정해 주세요.'],
      button: '새 비밀번호 설정하기',
      after: [
        '링크는 30분 동안 한 번만 사용할 수 있으며, 가장 최근에 받은 메일의 링크만 유효합니다. 비밀번호를 바꾸면 모든 기기에서 로그아웃됩니다.',
        '본인이 요청하지 않았다면 이 메일을 무시하세요. 비밀번호는 바뀌지 않습니다.',
      ],
    },
    CHOOSE_PASSWORD: {
      subject: (shop) => `[${shop}] 비밀번호를 설정해 주세요`,
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
      lines: [
        '이미 계정이 있는 이 이메일 주소로 회원가입이 시도되었습니다. 변경된 내용은 없습니다.',
        '본인이 맞다면 로그인해 주세요. 비밀번호가 기억나지 않으면 아래에서 재설정할 수 있습니다.',
      ],
      button: '상점으로 이동',
      after: ['본인이 시도하지 않았다면 아무것도 하지 않아도 됩니다.'],
    },
  },
};
const GREETING: Readonly<Record<MailLanguage, (name: string) => string>> = {
  en: (name) => `Hello ${name},`,
  ko: (name) => `${name}님, 안녕하세요.`,
};

/** The page that a link leads to, below the public URL. A GET of it changes nothing, because scanners of mail open links. */
export const LINK_PATHS: Readonly<Record<LinkPurpose, string>> = {
  VERIFY_EMAIL: '/verify-email',
  RESET_PASSWORD: '/password-reset',
};

/** Renders a mail as plain text and as HTML. Names are text in both, whatever they contain. */
export function renderMail({ content, language, shop, name, url }: MailModel): MailText {
  const { subject, lines, button, after } = WORDS[language][content];
  const greeting = name === undefined ? [] : [GREETING[language](name)];
  const before = [...greeting, ...lines];
  const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;
  return {
    subject: subject(shop),
    text: `${[...before, url, ...after, `-- \n${shop}`].join('\n\n')}\n`,
    html: `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escapeHtml(subject(shop))}</title></head>
<body>
${before.map(paragraph).join('\n')}
<p><a href="${escapeHtml(url)}">${escapeHtml(button)}</a></p>
${after.map(paragraph).join('\n')}
<p>${escapeHtml(shop)}</p>
</body>
</html>
`,
  };
}
