import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { Failure, reasonName } from "#kit/contract/failure.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { confirm, release, reserve } from "#kit/data/reservation.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { until } from "../support/stack/until.ts";

const userId = 1n;
const ids = 30;
const repeats = 12;

describe("reservations", () => {
  let database: Database;
  let effects: Map<string, string[]>;

  before(async function () {
    this.timeout(120_000);
    const { COUPON_DATABASE_URL: url = "" } = await componentEnvironment("coupon");
    database = createDatabase({ url, poolSize: 20 });
  });
  after(() => database?.close());
  beforeEach(() => {
    effects = new Map();
  });

  const record = (id: string, effect: string) => {
    effects.set(id, [...(effects.get(id) ?? []), effect]);
  };
  const recordAll = (ended: readonly { id: string }[], effect: string) => {
    for (const { id } of ended) {
      record(id, effect);
    }
  };
  const hooks = {
    onConfirm: async (_: unknown, ended: readonly { id: string }[]) => recordAll(ended, "confirm"),
    onRelease: async (_: unknown, ended: readonly { id: string }[]) => recordAll(ended, "release"),
  };
  const steps = {
    reserve: (id: string) =>
      database.transaction(tx =>
        reserve(tx, { id, userId: 1n, content: "held" }, async () => record(id, "reserve")),
      ),
    confirm: (id: string) => database.transaction(tx => confirm(tx, id, hooks)),
    release: (id: string) => database.transaction(tx => release(tx, [{ id, userId: 1n }], hooks)),
  };
  const deadlocks = async () => {
    const [row] = await database.query<{ count: string }>(
      `SELECT variable_value AS count FROM information_schema.global_status
        WHERE variable_name = 'INNODB_DEADLOCKS'`,
    );
    return Number(row?.count);
  };
  const repeat = (id: string, step: (id: string) => Promise<void>) =>
    Array.from({ length: repeats }, () => step(id));

  it("have no deadlock and one effect where each step is repeated at once", async () => {
    const before = await deadlocks();
    for (const step of [steps.reserve, steps.confirm]) {
      const reserved = [...effects.keys()];
      const all = reserved.length > 0 ? reserved : Array.from({ length: ids }, () => uuidv7());
      await Promise.all(all.flatMap(id => repeat(id, step)));
    }
    expect([...effects.values()]).to.deep.equal(Array(ids).fill(["reserve", "confirm"]));
    expect(await deadlocks()).to.equal(before);
  });

  it("have no deadlock and one outcome where reserve and release race", async () => {
    const before = await deadlocks();
    const all = Array.from({ length: ids }, () => uuidv7());
    const refused = await Promise.all(
      all.flatMap((id, index) =>
        // Each of the two comes first for half of the ids.
        (index % 2 === 0 ? [steps.reserve, steps.release] : [steps.release, steps.reserve])
          .flatMap(step => repeat(id, step))
          .map(outcome =>
            outcome.catch((error: unknown) => {
              expect(error).to.be.instanceOf(Failure);
              return reasonName((error as Failure).reason);
            }),
          ),
      ),
    );
    expect(new Set(refused)).to.deep.equal(new Set([undefined, "RESERVATION_RELEASED"]));
    for (const id of all) {
      expect([[], ["reserve", "release"]]).to.deep.include(effects.get(id) ?? []);
    }
    expect(await deadlocks()).to.equal(before);
  });

  const reserveWith = (id: string, hold: () => Promise<void>) =>
    database.transaction(tx => reserve(tx, { id, userId, content: "" }, hold));

  async function oneWaits(): Promise<void> {
    await until(async () => {
      const [row] = await database.query<{ waits: string }>(
        `SELECT variable_value AS waits FROM information_schema.global_status
          WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'`,
      );
      return Number(row?.waits) === 1;
    }, "a transaction waits for a lock");
  }

  /** A call whose hold reports that it has started, and ends when it is told to. */
  function slowHold() {
    const started = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const hold = () => {
      started.resolve();
      return end.promise;
    };
    return { hold, started: started.promise, end };
  }

  it("hold back none of other buyers where a first call fails and its repeat is slow", async () => {
    const [id, later] = [uuidv7(), uuidv7()];
    const [first, repeat] = [slowHold(), slowHold()];
    const firstCall = reserveWith(id, first.hold).catch((error: Error) => error.message);
    await first.started;
    const repeatCall = reserveWith(id, repeat.hold);
    await oneWaits();
    first.end.reject(new Error("the wallet is locked"));
    expect(await firstCall).to.equal("the wallet is locked");
    await repeat.started;
    await reserveWith(later, async () => {});
    repeat.end.resolve();
    await repeatCall;
  });
});
