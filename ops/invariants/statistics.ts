import { readSalesCounts as readCreatorSales } from "#services/creator/invariants.ts";
import { readSales } from "#services/pay/invariants.ts";
import { readSalesCounts as readQuestionSales } from "#services/question/invariants.ts";
import type { Join } from "./join.ts";

/** Sales counters equal the copies sold. */
export const statisticsJoin: Join = {
  name: "I6 sales counters",
  services: ["pay", "question", "creator"],
  config: {},
  async *check({ databases }, options) {
    // Counters first: only sales too recent to be checked can be missing in them.
    const questions = await readQuestionSales(databases.of("question"));
    const creators = await readCreatorSales(databases.of("creator"));
    const { byQuestion, byCreator } = await readSales(databases.of("pay"), options);
    const exact = options.graceSeconds === 0;
    yield* compare("question", questions, byQuestion, exact);
    yield* compare("creator", creators, byCreator, exact);
  },
};

/** Without `exact` a counter may be ahead, because sales too recent to be checked are left out of `sold`. */
function* compare(
  name: string,
  counted: ReadonlyMap<bigint, bigint>,
  sold: ReadonlyMap<bigint, bigint>,
  exact: boolean,
): Iterable<string> {
  for (const id of new Set([...counted.keys(), ...sold.keys()])) {
    const [count = 0n, sales = 0n] = [counted.get(id), sold.get(id)];
    if (exact ? count !== sales : count < sales) {
      yield `${name} ${id} counts ${count} sales, ${sales} were paid`;
    }
  }
}
