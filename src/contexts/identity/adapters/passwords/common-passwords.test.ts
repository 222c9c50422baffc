import { describe, expect, it } from 'vitest';
import { isCommonPassword } from './common-passwords.ts';

describe('common passwords', () => {
  it.each(['1234567890', 'qwertyuiop', 'QwertyUiop', 'password123', 'Password123', '1q2w3e4r5t'])(
    'the password %s is refused as a common one',
    (password) => {
      expect(isCommonPassword(password)).toBe(true);
    },
  );

  it.each(['correct horse battery', '비밀번호는길어야합니다', 'constructor', '__proto__xx'])(
    'the password %s is accepted',
    (password) => {
      expect(isCommonPassword(password)).toBe(false);
    },
  );
});
