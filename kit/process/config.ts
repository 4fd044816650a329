import * as z from "zod";
import type { Rule } from "#kit/process/duration-rules.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable: its name, how its text becomes a value, and what a table of variables says about it. */
export interface Variable<T> {
  readonly kind: "variable";
  readonly name: string;
  /** What is accepted, for a table of variables: "a whole number from 1 to 5". */
  readonly format: string;
  readonly schema: z.ZodType<T>;
  /** True for a value that must not appear in logs, tables or errors. */
  readonly secret: boolean;
}

/** A tree of variables, nested as the code reads it, and the rules between them. */
export type ConfigSchema = { readonly [key: string]: Variable<unknown> | ConfigSchema | readonly Rule[] };

/** The values of a tree of variables. */
export type Config<S> =
  S extends Variable<infer T>
    ? T
    : S extends ConfigSchema
      ? { readonly [K in keyof S as S[K] extends readonly Rule[] ? never : K]: Config<S[K]> }
      : never;

/** Makes a variable. An empty value counts as absent. */
export function variable<T>(
  name: string,
  format: string,
  schema: z.ZodType<T>,
  { secret = false } = {},
): Variable<T> {
  return { kind: "variable", name, format, schema, secret };
}

/** A whole number within a range; `fallback` where the variable is absent, required without one. */
export function integer(
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback?: number },
): Variable<number> {
  const format = `a whole number from ${min} to ${max}`;
  const wanted = `must be ${format}`;
  const schema = z.coerce.number(wanted).int(wanted).min(min, wanted).max(max, wanted);
  return variable(name, format, fallback === undefined ? requirePresent(schema) : schema.default(fallback));
}

/** Text; `fallback` where the variable is absent, required without one. */
export function text(name: string, options: TextOptions & { fallback?: string } = {}): Variable<string> {
  const schema = textSchema(options);
  const optional = options.fallback === undefined ? schema : schema.default(options.fallback);
  return variable(name, textFormat(options), optional, options);
}

/** Text that may be absent. */
export function optionalText(name: string, options: TextOptions = {}): Variable<string | undefined> {
  return variable(name, textFormat(options), textSchema(options).optional(), options);
}

interface TextOptions {
  /** The required format, and its description for the error. */
  readonly pattern?: readonly [RegExp, string];
  readonly minLength?: number;
  readonly secret?: boolean;
}

function textFormat({ pattern, minLength }: TextOptions): string {
  return pattern?.[1] ?? (minLength === undefined ? "text" : `text of at least ${minLength} characters`);
}

function textSchema({ pattern, minLength }: TextOptions) {
  let schema = z.string();
  if (pattern !== undefined) {
    schema = schema.regex(pattern[0], `must be ${pattern[1]}`);
  }
  return minLength === undefined
    ? schema
    : schema.min(minLength, `must have at least ${minLength} characters`);
}

/** An address with a scheme, such as `http://host:port/path`; `schemes` without colons. */
export function url(
  name: string,
  { schemes = ["http", "https"], fallback, secret = false }: UrlOptions = {},
): Variable<string> {
  const schema = urlSchema(schemes);
  return variable(name, urlFormat(schemes), fallback === undefined ? schema : schema.default(fallback), {
    secret,
  });
}

/** Like url, and may be absent. */
export function optionalUrl(
  name: string,
  { schemes = ["http", "https"] }: Pick<UrlOptions, "schemes"> = {},
): Variable<string | undefined> {
  return variable(name, urlFormat(schemes), urlSchema(schemes).optional());
}

interface UrlOptions {
  readonly schemes?: readonly string[];
  readonly fallback?: string;
  readonly secret?: boolean;
}

function urlFormat(schemes: readonly string[]): string {
  return `an address that starts with ${schemes.map(scheme => `${scheme}://`).join(" or ")}`;
}

function urlSchema(schemes: readonly string[]) {
  return z
    .string()
    .refine(
      value => schemes.some(scheme => value.startsWith(`${scheme}://`)) && URL.canParse(value),
      `must be ${urlFormat(schemes)}`,
    );
}

/** A list separated by commas; at least one entry unless there is a fallback. */
export function list(
  name: string,
  { fallback }: { fallback?: readonly string[] } = {},
): Variable<readonly string[]> {
  const schema = z
    .string()
    .transform(value => value.split(","))
    .transform(parts => parts.map(part => part.trim()).filter(part => part !== ""));
  return variable<readonly string[]>(
    name,
    "a list separated by commas",
    fallback === undefined ? schema : schema.default([...fallback]),
  );
}

/** Secrets that replace each other, separated by commas: the first is used, the others are still accepted. */
export function secrets(
  name: string,
  { minLength }: { minLength: number },
): Variable<readonly [string, ...string[]]> {
  const format = `a list separated by commas, each of at least ${minLength} characters`;
  const schema = z
    .string()
    .transform(value => value.split(",").map(part => part.trim()) as [string, ...string[]])
    .refine(parts => parts.every(part => part.length >= minLength), `must be ${format}`);
  return variable<readonly [string, ...string[]]>(name, format, schema, { secret: true });
}

/** `true` or `false`. */
export function flag(name: string, fallback: boolean): Variable<boolean> {
  const schema = z.enum(["true", "false"], "must be true or false").transform(value => value === "true");
  return variable(name, "true or false", schema.default(fallback));
}

/** One of the given words. */
export function choice<const T extends string>(name: string, words: readonly T[], fallback: T): Variable<T> {
  const format = `one of ${words.join(", ")}`;
  return variable<T>(name, format, z.enum(words, `must be ${format}`).default(fallback));
}

function requirePresent<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined) {
        context.addIssue({ code: "custom", message: "is required" });
      }
    })
    .pipe(schema) as z.ZodType<T>;
}

/** Every variable of a tree, in the order in which the tree names them. */
export function variablesOf(tree: ConfigSchema): Variable<unknown>[] {
  return Object.values(tree).flatMap(node =>
    isRules(node) ? [] : isVariable(node) ? [node] : variablesOf(node),
  );
}

/** True for the rules among the nodes of a tree. */
export function isRules(node: ConfigSchema[string]): node is readonly Rule[] {
  return Array.isArray(node);
}

/** True for a variable among the nodes of a tree. */
export function isVariable(node: Variable<unknown> | ConfigSchema): node is Variable<unknown> {
  return node.kind === "variable";
}
