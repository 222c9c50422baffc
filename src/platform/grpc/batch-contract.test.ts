import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Call, ExecuteRequest, ExecuteResponse } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { decodeOutcomes, decodeRequests, REQUESTS_BYTES_MAX } from './batch-contract.ts';

afterEach(() => vi.restoreAllMocks());

const PATH = '/stampede.coupon.v1.CouponService/IssueCoupon';
const call = (size: number): Call => ({
  id: 1,
  method: 0,
  request: new Uint8Array(size),
  timeoutMs: 1_000,
  requestId: undefined,
  traceparent: undefined,
  principalToken: undefined,
});
const message = ({ methods = [PATH], calls = [call(8)] }: Partial<ExecuteRequest>) =>
  ExecuteRequest.encode({ token: 't', methods, calls }).finish();
const times = <Part>(count: number, part: Part): Part[] => new Array(count).fill(part);
/** Parts of a field that take two bytes each and are empty. */
const empty = (field: number, count: number) => Buffer.from(times(count, [(field << 3) | 2, 0]).flat());

describe('a message with calls', () => {
  test('is decoded when it has 256 calls of 256 methods, and fields of a later version', () => {
    const bytes = Buffer.concat([message({ methods: times(256, PATH), calls: times(256, call(8)) }), empty(9, 3)]);
    expect(decodeRequests(bytes)).toMatchObject({
      token: 't',
      methods: times(256, PATH),
      calls: times(256, { id: 1 }),
    });
  });

  test.each([
    ['one call too many', message({ calls: times(257, call(8)) })],
    ['one method too many', message({ methods: times(257, PATH) })],
    ['a path that no method has', message({ methods: [`/${'x'.repeat(256)}`] })],
    ['more than 1 MiB', message({ calls: [call(REQUESTS_BYTES_MAX)] })],
    ['a part too many that no version knows', empty(9, 17)],
    ['half a million empty calls', empty(3, 500_000)],
  ])('is refused before it is decoded with %s', (_, bytes) => {
    const decode = vi.spyOn(ExecuteRequest, 'decode');
    expect(() => decodeRequests(bytes)).toThrow(/message|part/);
    expect(decode).not.toHaveBeenCalled();
  });
});

describe('a message with outcomes', () => {
  test('is refused before it is decoded with more of them than calls are open', () => {
    expect(decodeOutcomes(empty(1, 2), 2).outcomes).toHaveLength(2);
    const decode = vi.spyOn(ExecuteResponse, 'decode');
    expect(() => decodeOutcomes(empty(1, 3), 2)).toThrow('3 parts of field 1');
    expect(() => decodeOutcomes(empty(1, 2_000_000), 2)).toThrow('3 parts of field 1');
    expect(decode).not.toHaveBeenCalled();
  });
});
