import { PASSWORD_MAX, PASSWORD_MIN } from '../../../contexts/identity/api.ts';
import { escapeHtml } from '../../../platform/kernel/escape-html.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import { htmlPage } from '../../server/html-page.ts';

/** What a page shows: the form of its link, or what became of it. */
export type MailPageState = 'FORM' | 'DONE' | 'LINK_INVALID' | 'PASSWORD_REFUSED';

const WORDS = {
  en: {
    VERIFY_EMAIL: {
      title: 'Verify your e-mail address',
      button: 'Verify',
      DONE: 'Your address is verified. You can log in now. If your password is not accepted, somebody signed up with your address a second time: choose a password by the link in the newest mail.',
    },
    RESET_PASSWORD: {
      title: 'Choose a new password',
      button: 'Save',
      DONE: 'Your new password is saved, and every session has ended. Log in with it.',
    },
    password: `New password, at least ${PASSWORD_MIN} characters`,
    LINK_INVALID: 'This link was used, replaced by a newer one, or has expired. Request another mail.',
    PASSWORD_REFUSED: `This password has fewer than ${PASSWORD_MIN} characters or more than ${PASSWORD_MAX}, or is one of the most common ones. Choose another one.`,
  },
  ko: {
    VERIFY_EMAIL: {
      title: '이메일 주소 인증',
      button: '인증하기',
      DONE: '이메일 주소가 인증되었습니다. 이제 로그인할 수 있습니다. 비밀번호가 맞지 않는다고 나오면 이 주소로 회원가입이 한 번 더 요청된 것입니다. 가장 최근에 받은 메일의 링크에서 비밀번호를 설정해 주세요.',
    },
    RESET_PASSWORD: {
      title: '새 비밀번호 설정',
      button: '저장',
      DONE: '새 비밀번호가 저장되었고 모든 기기에서 로그아웃되었습니다. 새 비밀번호로 로그인하세요.',
    },
    password: `새 비밀번호(${PASSWORD_MIN}자 이상)`,
    LINK_INVALID: '이미 사용되었거나 새 링크로 대체되었거나 만료된 링크입니다. 메일을 다시 요청하세요.',
    PASSWORD_REFUSED: `비밀번호가 ${PASSWORD_MIN}자보다 짧거나 ${PASSWORD_MAX}자보다 길거나 너무 흔합니다. 다른 비밀번호를 입력하세요.`,
  },
} as const;

/** Returns the page of a link in a mail. Only its form changes something, because scanners of mail open links. */
export function mailPage(
  purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD',
  state: MailPageState,
  token: string,
  language: Language,
): string {
  const words = WORDS[language];
  const { title, button, DONE } = words[purpose];
  if (state === 'DONE' || state === 'LINK_INVALID') {
    return htmlPage(language, title, `<p>${escapeHtml(state === 'DONE' ? DONE : words.LINK_INVALID)}</p>`);
  }
  const password = `<label>${escapeHtml(words.password)}
<input type="password" name="newPassword" required minlength="${PASSWORD_MIN}" maxlength="${PASSWORD_MAX}" autocomplete="new-password"></label>`;
  const parts = [
    state === 'PASSWORD_REFUSED' ? `<p>${escapeHtml(words.PASSWORD_REFUSED)}</p>` : '',
    // Posted to the path of the page. The address of the page contains the token, which would be sent there a second time.
    `<form method="post" action="?">`,
    `<input type="hidden" name="token" value="${escapeHtml(token)}">`,
    purpose === 'RESET_PASSWORD' ? password : '',
    `<button>${escapeHtml(button)}</button>`,
    '</form>',
  ];
  return htmlPage(language, title, parts.filter((part) => part !== '').join('\n'));
}
