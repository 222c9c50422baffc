import type { Method } from '../remote/api.ts';

/** A resource of the API, such as coupon policies, with what can be done with it: `stampede <name> <verb>`. */
export interface Resource {
  readonly name: string;
  readonly description: string;
  /** Columns of its tables, unless a verb has others. */
  readonly columns: readonly string[];
  readonly verbs: readonly Verb[];
}

/** One operation of the API as a command. A test compares each with the OpenAPI document. */
export interface Verb {
  readonly name: string;
  readonly description: string;
  readonly method: Method;
  /** Its parameters are filled by the arguments of the same name. */
  readonly path: string;
  /** What is named without a hyphen, in this order. What is no parameter of the path is a member of the body. */
  readonly args?: readonly Argument[];
  /** Options that become parameters of the query. */
  readonly query?: readonly Field[];
  /** Options that become members of the body. Absent: the operation has no body, or an empty one. */
  readonly body?: readonly Field[];
  /** Members of the body that are always the same. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** The body may also be a JSON file, `--file`. Options stand before its members. */
  readonly takesFile?: boolean;
  /** Members of the file that the operation does not take: those that the server sets, where the file may be the output of `get --json`. */
  readonly ignored?: readonly string[];
  /** Ends the help of the command: what such a file has. */
  readonly fileHelp?: string;
  /** The body is a CSV file, `--file`. */
  readonly takesCsv?: boolean;
  /** Returns pages: the name of their array. */
  readonly list?: string;
  readonly columns?: readonly string[];
  /** Returns a job, which is shown until it ends. */
  readonly followsJob?: boolean;
  /** An API key may act for a customer here: `--as-user`. */
  readonly forUsers?: boolean;
  /** A member of what the operation returns, by which the response of another server is recognized. Default: the first column of the resource. */
  readonly returns?: string;
  /** Printed after success. Present: the operation returns 204, without a body. */
  readonly done?: string;
}

export interface Argument {
  /** The name that the API has for it. */
  readonly name: string;
  readonly description: string;
  /** The last argument may be given several times; it is then a list. */
  readonly several?: boolean;
}

/** An option that becomes a member of the request: `maxIssueCount` is `--max-issue-count`. */
export interface Field {
  /** The name that the API has for it. */
  readonly name: string;
  /** The option in camel case, where every command has one with the name of the field. Default: `name`. */
  readonly option?: string;
  readonly description: string;
  readonly type: 'text' | 'number' | 'flag' | 'list';
  /** Required unless a file may have it. */
  readonly required?: boolean;
  readonly choices?: readonly string[];
}

type FieldOptions = Pick<Field, 'required' | 'choices' | 'option'>;
const field =
  (type: Field['type']) =>
  (name: string, description: string, options: FieldOptions = {}): Field => ({ name, description, type, ...options });

/** Texts, ids and times. */
export const text = field('text');
/** Numbers that JSON can hold exactly, such as amounts. */
export const number = field('number');
/** true when it is given; `--no-…` is false. */
export const flag = field('flag');
/** Several texts, separated by commas. */
export const list = field('list');

export const arg = (name: string, description: string): Argument => ({ name, description });

/** `maxIssueCount` as an option or argument is `max-issue-count`. */
export const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
