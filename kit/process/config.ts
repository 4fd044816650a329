import { z } from "zod";
import { isBroken, type Rule } from "#kit/process/duration-rules.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable: its name, how its text becomes a value, and what a table of variables says about it. */
export interface Variable<T> {
  readonly kind: "variable";
  readonly name: string;
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
export function variable<T>(name: string, schema: z.ZodType<T>, { secret = false } = {}): Variable<T> {
  return { kind: "variable", name, schema, secret };
}

/** A whole number within a range; `fallback` where the variable is absent, required without one. */
export function integer(
  name: string,
  { min, max, fallback }: { min: number; max: number; fallback?: number },
): Variable<number> {
  const wanted = `must be a whole number from ${min} to ${max}`;
  const schema = z.coerce.number(wanted).int(wanted).min(min, wanted).max(max, wanted);
  return variable(name, fallback === undefined ? requirePresent(schema) : schema.default(fallback));
}

/** Text; `fallback` where the variable is absent, required without one. */
export function text(name: string, options: TextOptions & { fallback?: string } = {}): Variable<string> {
  const schema = textSchema(options);
  return variable(name, options.fallback === undefined ? schema : schema.default(options.fallback), options);
}

/** Text that may be absent. */
export function optionalText(name: string, options: TextOptions = {}): Variable<string | undefined> {
  return variable(name, textSchema(options).optional(), options);
}

interface TextOptions {
  /** The required format, and its description for the error. */
  readonly pattern?: readonly [RegExp, string];
  readonly minLength?: number;
  readonly secret?: boolean;
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
  return variable(name, fallback === undefined ? schema : schema.default(fallback), { secret });
}

/** Like url, and may be absent. */
export function optionalUrl(
  name: string,
  { schemes = ["http", "https"] }: Pick<UrlOptions, "schemes"> = {},
): Variable<string | undefined> {
  return variable(name, urlSchema(schemes).optional());
}

interface UrlOptions {
  readonly schemes?: readonly string[];
  readonly fallback?: string;
  readonly secret?: boolean;
}

function urlSchema(schemes: readonly string[]) {
  const wanted = schemes.map(scheme => `${scheme}://`).join(" or ");
  return z
    .string()
    .refine(
      value => schemes.some(scheme => value.startsWith(`${scheme}://`)) && URL.canParse(value),
      `must be an address that starts with ${wanted}`,
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
  return variable<readonly string[]>(name, fallback === undefined ? schema : schema.default([...fallback]));
}

/** `true` or `false`. */
export function flag(name: string, fallback: boolean): Variable<boolean> {
  const schema = z.enum(["true", "false"], "must be true or false").transform(value => value === "true");
  return variable(name, schema.default(fallback));
}

/** One of the given words. */
export function choice<const T extends string>(name: string, words: readonly T[], fallback: T): Variable<T> {
  return variable<T>(name, z.enum(words, `must be one of ${words.join(", ")}`).default(fallback));
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

/** Thrown with one line per variable that is missing or wrong; never names a value. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map(problem => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/** Reads a tree of variables and reports every problem at once. */
export function readConfig<const S extends ConfigSchema>(env: Environment, schema: S): Config<S> {
  const problems = new Set<string>();
  const values = readTree(env, schema, problems);
  if (problems.size > 0) {
    throw new ConfigError([...problems]);
  }
  return values as Config<S>;
}

function readTree(env: Environment, tree: ConfigSchema, problems: Set<string>): unknown {
  const values: Record<string, unknown> = {};
  for (const [key, node] of Object.entries(tree)) {
    if (isRules(node)) {
      // A value that is wrong by itself is reported where the tree names it.
      const read = (duration: Variable<number>) => Number(readVariable(env, duration, new Set()));
      for (const { shorter, longer } of node.filter(rule => isBroken(rule, read))) {
        problems.add(`${shorter.name} must not be longer than ${longer.name}`);
      }
    } else {
      values[key] = isVariable(node) ? readVariable(env, node, problems) : readTree(env, node, problems);
    }
  }
  return values;
}

function readVariable(env: Environment, { name, schema }: Variable<unknown>, problems: Set<string>): unknown {
  const text = env[name];
  const value = text === "" ? undefined : text;
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  for (const { message } of value === undefined ? [{ message: "is required" }] : result.error.issues) {
    problems.add(`${name} ${message}`);
  }
  return undefined;
}

/** Every variable of a tree, in the order in which the tree names them. */
export function variablesOf(tree: ConfigSchema): Variable<unknown>[] {
  return Object.values(tree).flatMap(node =>
    isRules(node) ? [] : isVariable(node) ? [node] : variablesOf(node),
  );
}

function isRules(node: ConfigSchema[string]): node is readonly Rule[] {
  return Array.isArray(node);
}

function isVariable(node: Variable<unknown> | ConfigSchema): node is Variable<unknown> {
  return node.kind === "variable";
}
