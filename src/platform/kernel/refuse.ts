import type { COMMON_REFUSALS } from './common-refusals.ts';
import type { DetailTypes, Refusal, RefusalKind, RefusalTable } from './refusal.ts';

/** The codes of a context, and those that every context may refuse with. */
type Codes<Table extends RefusalTable> = Table & typeof COMMON_REFUSALS;
export type RefusalCode<Table extends RefusalTable> = keyof Codes<Table> & string;

type NameOf<Types extends DetailTypes, Optional extends boolean> = {
  [Name in keyof Types]: (Types[Name] extends `${string}?` ? true : false) extends Optional ? Name : never;
}[keyof Types];
type Details<Types extends DetailTypes> = { readonly [Name in NameOf<Types, false>]: string } & {
  readonly [Name in NameOf<Types, true>]?: string;
};

/** What follows the code in a call of `refuse`: its details, when it has any. */
type DetailsOf<Kind extends RefusalKind> = Kind extends { readonly namesFields: true }
  ? [reasonsByField: Refusal['details']]
  : Kind extends { readonly details: infer Types extends DetailTypes }
    ? NameOf<Types, false> extends never
      ? [details?: Details<Types>]
      : [details: Details<Types>]
    : [];

/** Makes a refusal with a code of the table, or a common one, and with the details that are declared for it. */
export type Refuse<Table extends RefusalTable> = <Code extends RefusalCode<Table>>(
  code: Code,
  ...details: DetailsOf<Codes<Table>[Code]>
) => Refusal<Code>;

const create = (code: string, details: Refusal['details'] = {}): Refusal => ({ code, details });

/** Returns the `refuse` of a context: `refuseFrom<typeof COUPON_REFUSALS>()`. */
export const refuseFrom = <Table extends RefusalTable = Record<never, never>>(): Refuse<Table> =>
  create as Refuse<Table>;
