import type { PublicApi } from "#dev/demo/public-api.ts";
import type { Log } from "#dev/stack/progress.ts";
import type { RunningStack } from "#dev/stack/running-stack.ts";
import type { Kubectl } from "../cluster/kubectl.ts";

/** Which of two that replace each other. */
export type Which = "old" | "new";

/** The steps of a rotation, in order: the next begins when the one before is everywhere. */
export const steps = ["accept", "use", "refuse"] as const;
export type Step = (typeof steps)[number];

/** One thing that is replaced while calls go on. */
export interface Rotation {
  readonly name: string;
  /** `accept`: the new one, too. `use`: the new one. `refuse`: the old one. Changes files, variables or a store. */
  readonly steps: Readonly<Record<Step, () => unknown>>;
  /** How long a step takes after the last pod without it is gone; at once without a number. */
  readonly waitSeconds?: Partial<Record<Step, number>>;
  /** Whether each place that is asked takes the one, and the other. */
  accepts(): Promise<Readonly<Record<Which, readonly boolean[]>>>;
  /** What each place that is asked uses. */
  uses(): Promise<readonly (Which | undefined)[]>;
}

/** What rotations work on. */
export interface Installed {
  /** The variables of the installation, which steps change. */
  readonly env: Record<string, string>;
  /** The folder of the stores. */
  readonly stores: string;
  readonly stack: RunningStack;
  /** Where pods find the stores. */
  readonly address: string;
  readonly kubectl: Kubectl;
  readonly api: PublicApi;
}

const expected: Readonly<
  Record<"before" | Step, { readonly accepted: readonly Which[]; readonly used: Which }>
> = {
  before: { accepted: ["old"], used: "old" },
  accept: { accepted: ["old", "new"], used: "old" },
  use: { accepted: ["old", "new"], used: "new" },
  refuse: { accepted: ["new"], used: "new" },
};

/** The same question about both. */
export async function ofBoth<T>(ask: (which: Which) => T | Promise<T>): Promise<Record<Which, T>> {
  return { old: await ask("old"), new: await ask("new") };
}

/** Which of both a check holds for. */
export function whichOf(holds: (which: Which) => boolean): Which | undefined {
  return (["new", "old"] as const).find(holds);
}

/** What is wrong with a rotation after a step, by asking; prints what was found. */
export async function problemsAfter(step: "before" | Step, rotation: Rotation, log: Log): Promise<string[]> {
  const { accepted, used } = expected[step];
  const answers = await rotation.accepts();
  const uses = await rotation.uses();
  const taken = (which: Which) => `${answers[which].filter(Boolean).length} of ${answers[which].length}`;
  const using = `${uses.filter(each => each === used).length} of ${uses.length}`;
  const found = `old accepted by ${taken("old")}, new by ${taken("new")}, ${used} used by ${using}`;
  log(`${rotation.name}: ${found}`);
  const wrong =
    answers.old.some(each => each !== accepted.includes("old")) ||
    answers.new.some(each => each !== accepted.includes("new")) ||
    uses.some(each => each !== used) ||
    answers.old.length * uses.length === 0;
  return wrong ? [`${rotation.name} after the step "${step}": ${found}`] : [];
}
