import { type Answer, call } from '../attacks/support.ts';

export interface SendOptions {
  readonly token: string;
  readonly key?: string;
  /** Of the part; default: `image`. */
  readonly field?: string;
  readonly fileName?: string;
  /** What the part says that it is. */
  readonly type?: string;
  /** Other parts. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Uploads an image as a browser does. */
export async function sendImage(
  base: string,
  method: 'PUT' | 'POST',
  path: string,
  content: Uint8Array,
  { token, key, field = 'image', fileName = 'photo.png', type = 'image/png', fields = {} }: SendOptions,
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append(field, new Blob([new Uint8Array(content)], { type }), fileName);
  return await call(base, method, path, {
    token,
    form,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
}
