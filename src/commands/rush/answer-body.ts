const CODE = '"code":"';

/** The code of a refusal: of nine in ten answers nothing else counts, so they are not parsed as JSON. */
export function codeOf(status: number, body: string): string | undefined {
  if (status < 300) return undefined;
  const at = body.indexOf(CODE);
  return at < 0 ? undefined : body.slice(at + CODE.length, body.indexOf('"', at + CODE.length));
}

/** The fields of a body that is a JSON object; none of any other. */
export function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
