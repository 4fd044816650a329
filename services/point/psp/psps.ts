import { choice } from "#kit/process/config.ts";
import type { Psp, PspAdapter, PspOptions } from "./psp.ts";
import { toss } from "./toss/toss.ts";

// A second PSP is a folder and a line here.
const adapters = { toss } satisfies Record<string, PspAdapter>;

type PspName = keyof typeof adapters;

const names = Object.keys(adapters) as PspName[];

/** The variables of all PSPs. */
export const pspConfig = {
  /** Takes new charges. The others only complete the charges that they have. */
  current: choice("POINT_PSP", names, "toss"),
  each: mapNames(name => adapters[name].config) as {
    readonly [Name in PspName]: (typeof adapters)[Name]["config"];
  },
};

/** The PSPs of this service. */
export interface Psps {
  /** Takes new charges. */
  readonly current: Psp;
  readonly all: readonly Psp[];
  /** The PSP that a charge recorded as its provider; throws where it is not configured. */
  named(name: string): Psp;
}

/** Opens every PSP; `wrap` may add to what each of them does. */
export function createPsps(
  { current, each }: { readonly current: PspName; readonly each: Readonly<Record<PspName, unknown>> },
  options: PspOptions,
  wrap: (psp: Psp) => Psp = psp => psp,
): Psps {
  const psps: Readonly<Record<PspName, Psp>> = mapNames(name =>
    wrap(adapters[name].open(each[name] as never, options)),
  );
  const all = Object.values(psps);
  return {
    current: psps[current],
    all,
    named(name) {
      const found = all.find(psp => psp.name === name);
      if (found === undefined) {
        throw new Error(`the PSP ${name} is not configured`);
      }
      return found;
    },
  };
}

function mapNames<T>(toValue: (name: PspName) => T): Record<PspName, T> {
  return Object.fromEntries(names.map(name => [name, toValue(name)])) as Record<PspName, T>;
}
