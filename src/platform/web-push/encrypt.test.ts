import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import { encryptFor, PAYLOAD_MAX } from './encrypt.ts';

const bytes = (text: string) => Buffer.from(text, 'base64url');
const browser = {
  publicKey: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
  authSecret: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
};

test('the example of RFC 8291 is encrypted as there', () => {
  const sender = createECDH('prime256v1');
  sender.setPrivateKey(bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'));
  const payload = Buffer.from('When I grow up, I want to be a watermelon');
  const sealed = encryptFor(payload, browser, { sender, salt: bytes('DGv6ra1nlYgDCS1FRnbzlw') });
  expect(sealed.toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
});

test('the keys of the sender and the salt are new for each message', () => {
  const [one, other] = [encryptFor(Buffer.from('x'), browser), encryptFor(Buffer.from('x'), browser)];
  expect(one.subarray(0, 16)).not.toEqual(other.subarray(0, 16));
  expect(one.subarray(21, 86)).not.toEqual(other.subarray(21, 86));
});

test('a message that push services would refuse is refused here', () => {
  expect(encryptFor(Buffer.alloc(PAYLOAD_MAX), browser)).toHaveLength(4_096);
  expect(() => encryptFor(Buffer.alloc(PAYLOAD_MAX + 1), browser)).toThrow(RangeError);
});

test('a key that is no point of the curve is refused', () => {
  expect(() => encryptFor(Buffer.from('x'), { ...browser, publicKey: Buffer.alloc(65, 4) })).toThrow();
});
