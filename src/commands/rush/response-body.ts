const CODE = '"code":"';

/** Returns the code of a refusal without parsing JSON: nine of ten responses are refusals, and only their code is used. */
export function codeOf(status: number, body: string): string | undefined {
  if (status < 300) return undefined;
  const at = body.indexOf(CODE);
  return at < 0 ? undefined : body.slice(at + CODE.length, body.indexOf('"', at + CODE.length));
}

/** Returns the fields of a JSON object; none for any other body. */
export function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
