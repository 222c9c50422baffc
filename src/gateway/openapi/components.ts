/** A part of the document. */
export type Json = Readonly<Record<string, unknown>>;

const KINDS = ['schemas', 'responses', 'parameters', 'requestBodies', 'headers'] as const;
export type Kind = (typeof KINDS)[number];

/** A place in the document that names another one. */
export interface Reference extends Json {
  readonly $ref: string;
}

/** The parts of the document that have a name: each name stands for one content. */
export class Components {
  readonly #parts: Readonly<Record<Kind, Map<string, Json>>> = {
    schemas: new Map(),
    responses: new Map(),
    parameters: new Map(),
    requestBodies: new Map(),
    headers: new Map(),
  };
  readonly #shared = new Map<string, Reference>();
  readonly #examples = new Map<string, unknown>();

  /** Adds a part, unless it is there, and returns a reference to it. @throws Error when the name stands for another content */
  add(kind: Kind, name: string, content: Json): Reference {
    const parts = this.#parts[kind];
    const present = parts.get(name);
    if (present === undefined) parts.set(name, content);
    else if (JSON.stringify(present) !== JSON.stringify(content)) {
      throw new Error(
        `two of ${kind} of the OpenAPI document are named ${name}: ${JSON.stringify([present, content])}`,
      );
    }
    return { $ref: `#/components/${kind}/${name}` };
  }

  /** Adds a part, unless one of any name has the same content, and returns a reference to it. */
  share(kind: Kind, name: string, content: Json): Reference {
    const key = `${kind} ${JSON.stringify(content)}`;
    const present = this.#shared.get(key);
    if (present !== undefined) return present;
    const added = this.add(kind, name, content);
    this.#shared.set(key, added);
    return added;
  }

  /** Shares a part by the first of some names that is free; the last one has to be. */
  shareFreely(kind: Kind, names: readonly string[], content: Json): Reference {
    const name = names.find((each) => !this.#parts[kind].has(each)) ?? names.at(-1) ?? '';
    return this.share(kind, name, content);
  }

  /**
   * Gives the schema that `described` refers to this example, unless it has one; for the page of a list, the schema of its items. Returns whether it is a
   * schema with a name: then the place has no example of its own, because those of all places would be a twentieth of the document.
   */
  addExample(described: Json, example: unknown): boolean {
    const name = nameIn(described);
    if (name === undefined) return false;
    const [plural = '', items] = this.#itemsOf(name) ?? [];
    const [first] = ((example as Json)[plural] ?? []) as readonly unknown[];
    if (items !== undefined && first !== undefined) return this.addExample(items, first);
    if (!this.#examples.has(name)) this.#examples.set(name, example);
    return true;
  }

  /** The name of the list and the reference to its items, for a schema of a page of named items. */
  #itemsOf(name: string): readonly [string, Json] | undefined {
    const properties = (this.#parts.schemas.get(name)?.['properties'] ?? {}) as Readonly<Record<string, Json>>;
    // Nothing but the items and where the next page is.
    if (properties['nextCursor'] === undefined || Object.keys(properties).length !== 3) return undefined;
    const found = Object.entries(properties).find(([, { type }]) => type === 'array');
    const items = found?.[1]['items'] as Json | undefined;
    return found === undefined || items?.['$ref'] === undefined ? undefined : [found[0], items];
  }

  /** All parts by kind, in the order of their names, so that the document does not depend on the order of the routes. */
  toJson(): Record<Kind, Record<string, Json>> {
    const sorted = (kind: Kind) =>
      Object.fromEntries([...this.#parts[kind]].sort(([one], [other]) => (one < other ? -1 : 1)));
    for (const [name, example] of this.#examples) {
      const schema = this.#parts.schemas.get(name);
      if (schema !== undefined) this.#parts.schemas.set(name, { ...schema, examples: [example] });
    }
    return Object.fromEntries(KINDS.map((kind) => [kind, sorted(kind)])) as Record<Kind, Record<string, Json>>;
  }
}

const nameIn = (described: Json): string | undefined =>
  String(described['$ref'] ?? '').match(/^#\/components\/schemas\/(.+)$/)?.[1];

/** The name of an operation, or of a code, as that of a component: issueCoupon and COUPON_SOLD_OUT become IssueCoupon and CouponSoldOut. */
export const pascalCase = (name: string): string =>
  name.includes('_') || name === name.toUpperCase()
    ? name
        .split('_')
        .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
        .join('')
    : name.charAt(0).toUpperCase() + name.slice(1);
