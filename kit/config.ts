import { z } from "zod";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables by a schema and reports every problem at once, by the name of the variable and never with its value. */
export function readConfig<Shape extends z.ZodRawShape>(
  env: Environment,
  shape: Shape,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = z.object(shape).safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map(issue => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${problems.join("\n")}`);
  }
  return result.data;
}

/** A whole number within a range. */
export function integer({ min, max, fallback }: { min: number; max: number; fallback?: number }) {
  const schema = z.coerce.number().int().min(min).max(max);
  return fallback === undefined ? schema : schema.default(fallback);
}

/** A list divided by commas, with at least one entry. */
export const list = z.string().transform(value =>
  value
    .split(",")
    .map(part => part.trim())
    .filter(part => part !== ""),
);

/** `true` or `false`. */
export function flag(fallback: boolean) {
  return z
    .enum(["true", "false"])
    .default(fallback ? "true" : "false")
    .transform(value => value === "true");
}
