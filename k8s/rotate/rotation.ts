import type { PublicApi } from "#dev/demo/public-api.ts";
import type { Log } from "#dev/stack/progress.ts";
import type { RunningStack } from "#dev/stack/running-stack.ts";
import type { Kubectl } from "../cluster/kubectl.ts";

/** What is replaced, or what replaces it. */
export type Which = "old" | "new";

/** The steps of a rotation, in order: each begins once every pod has the one before. */
const steps = ["accept", "use", "refuse"] as const;
export type Step = (typeof steps)[number];

/** One thing that is replaced while calls go on. */
export interface Rotation {
  readonly name: string;
  /** Change files, variables or a store, so that the new one is accepted, too; is used; and the old one is refused. */
  readonly steps: Readonly<Record<Step, () => unknown>>;
  /** True where an earlier run stopped halfway, so that the state before the first step is not known. */
  readonly isResumed?: boolean;
  /** Leaves a state that may last, where the rotation stops before the old one is refused. */
  stopped?(): Promise<void>;
  /** Seconds to wait once the last pod without the step is gone; 0 by default. */
  readonly waitSeconds?: Partial<Record<Step, number>>;
  /** Whether each place that is asked accepts the old one, and the new one. */
  accepted(): Promise<Readonly<Record<Which, readonly boolean[]>>>;
  /** Which one each place that is asked uses; undefined if neither. */
  used(): Promise<readonly (Which | undefined)[]>;
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
  /** Whether certificates are to expire under calls, instead of being replaced in time. */
  readonly letExpire: boolean;
}

const expected: Readonly<
  Record<"before" | Step, { readonly accepted: readonly Which[]; readonly used: Which }>
> = {
  before: { accepted: ["old"], used: "old" },
  accept: { accepted: ["old", "new"], used: "old" },
  use: { accepted: ["old", "new"], used: "new" },
  refuse: { accepted: ["new"], used: "new" },
};

/** Asks the same about both. */
export async function ofBoth<T>(ask: (which: Which) => T | Promise<T>): Promise<Record<Which, T>> {
  return { old: await ask("old"), new: await ask("new") };
}

/** The one that a check holds for. */
export function whichOf(holds: (which: Which) => boolean): Which | undefined {
  return (["new", "old"] as const).find(holds);
}

/**
 * Takes all steps of some rotations. Stops where a check finds something wrong, or a step fails, before the old ones
 * are refused: until then both are accepted.
 */
export async function takeSteps(
  chosen: readonly Rotation[],
  take: (step: Step) => Promise<void>,
  { problems, log }: { problems: string[]; log: Log },
): Promise<void> {
  let last: "before" | Step = "before";
  const check = async (rotations: readonly Rotation[]) => {
    for (const rotation of rotations) {
      problems.push(...(await problemsAfter(last, rotation, log)));
    }
  };
  try {
    await check(chosen.filter(({ isResumed }) => isResumed !== true));
    for (const step of steps) {
      if (problems.length > 0) {
        problems.push(`stopped before the step "${step}"`);
        return;
      }
      last = step;
      await take(step);
      await check(chosen);
    }
  } finally {
    if (last !== "refuse") {
      for (const { name, stopped } of chosen) {
        await stopped?.().catch(error => problems.push(`${name}: its state does not last: ${error}`));
      }
    }
  }
}

/** Asks what a rotation has reached after a step, prints it, and returns what is wrong. */
export async function problemsAfter(step: "before" | Step, rotation: Rotation, log: Log): Promise<string[]> {
  const wanted = expected[step];
  const accepted = await rotation.accepted();
  const used = await rotation.used();
  const countOf = (which: Which) => `${accepted[which].filter(Boolean).length} of ${accepted[which].length}`;
  const using = `${used.filter(each => each === wanted.used).length} of ${used.length}`;
  const found = `old accepted by ${countOf("old")}, new by ${countOf("new")}, ${wanted.used} used by ${using}`;
  log(`${rotation.name}: ${found}`);
  const wrong =
    accepted.old.some(each => each !== wanted.accepted.includes("old")) ||
    accepted.new.some(each => each !== wanted.accepted.includes("new")) ||
    used.some(each => each !== wanted.used) ||
    accepted.old.length * used.length === 0;
  return wrong ? [`${rotation.name} after the step "${step}": ${found}`] : [];
}
