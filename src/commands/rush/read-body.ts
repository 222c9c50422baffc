export interface BodyFacts {
  readonly code: string | undefined;
  readonly couponId: string | undefined;
  readonly sequenceNo: number | undefined;
}

const CODE = '"code":"';

/**
 * What a rush wants to know of an answer's body. Nine of ten are refusals of which only the code counts, so only those that
 * name a coupon are parsed as JSON.
 */
export function readBody(status: number, body: string): BodyFacts {
  const code = status < 300 ? undefined : codeOf(body);
  if (status !== 201 && code !== 'COUPON_ALREADY_ISSUED') return { code, couponId: undefined, sequenceNo: undefined };
  const parsed: unknown = safeParse(body);
  const fields = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  const couponId = typeof fields['couponId'] === 'string' ? fields['couponId'] : undefined;
  const sequence = Number(fields['sequenceNo']);
  return { code, couponId, sequenceNo: Number.isSafeInteger(sequence) ? sequence : undefined };
}

function codeOf(body: string): string | undefined {
  const at = body.indexOf(CODE);
  return at < 0 ? undefined : body.slice(at + CODE.length, body.indexOf('"', at + CODE.length));
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
