import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { CreateQuestionRequestSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { App } from "#services/question/app.ts";
import { invariants } from "#services/question/invariants.ts";
import { deleteWithdrawn } from "#services/question/jobs/delete-withdrawn.ts";
import { changeState } from "#services/question/publish-change.ts";
import { createQuestion } from "#services/question/rpc/create-question.ts";
import { creatorChanged } from "#services/question/subscribers/creator-changed.ts";
import { componentEnvironment } from "../support/component/component.ts";
import {
  addCreator,
  addReadyDraft,
  callOf,
  openQuestionApp,
  questionContent,
} from "../support/component/question.ts";
import { reasonOf } from "../support/rpc/clients.ts";

const [creatorId, otherId] = [7n, 8n];
const drafts = 120;

describe("the questions of a creator who withdraws", () => {
  let app: App;
  let publishedId: bigint;

  before(async () => {
    app = await openQuestionApp(await componentEnvironment("question"));
    for (const each of [creatorId, otherId]) {
      await addCreator(app, each);
      publishedId = await addReadyDraft(app, each);
    }
    await Promise.all(Array.from({ length: drafts }, () => addReadyDraft(app, creatorId)));
    publishedId = await addReadyDraft(app, creatorId);
    await app.database.transaction(tx =>
      changeState(app, tx, publishedId, { from: ["DRAFT"], to: "PUBLISHED" }),
    );
  });
  after(() => app?.close());

  const withdraw = (userId: bigint) => {
    const event = create(CreatorChangedSchema, { creatorId: userId, userId, version: 2n, withdrawn: true });
    return app.database.transaction(tx => creatorChanged(tx, event, crypto.randomUUID()));
  };
  const run = async (signal: AbortSignal) => {
    const job = deleteWithdrawn(app);
    await job.run(signal);
    await job.finish?.();
  };
  const batches = async () => {
    const rows = await app.database.query<{ questions: bigint }>(
      "SELECT COUNT(*) AS questions FROM question WHERE state = 'DELETED' GROUP BY state_time",
    );
    return rows.map(({ questions }) => Number(questions));
  };
  const violations = async () => {
    const found: string[] = [];
    for (const { name, check } of invariants) {
      for await (const violation of check(app.database, { graceSeconds: 0 })) {
        found.push(`${name}: ${violation}`);
      }
    }
    return found;
  };

  it("are deleted some at a time, also if the service stops meanwhile, and those of others stay", async () => {
    await withdraw(creatorId);
    expect(await batches(), "deleted with the event").to.deep.equal([]);
    await run(AbortSignal.abort());
    expect(await batches(), "deleted by a job that stops").to.deep.equal([]);
    expect(await violations()).to.deep.equal([]);
    await withdraw(creatorId);
    await run(new AbortController().signal);
    const sizes = await batches();
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(drafts + 2);
    expect(Math.max(...sizes)).to.be.at.most(50);
    const kept = await app.database.query("SELECT creator_id FROM question WHERE state <> 'DELETED'");
    expect(kept).to.deep.equal([{ creatorId: otherId }]);
  });

  it("are published as not on sale, and no task is left", async () => {
    const events = await app.database.query<{ questionId: bigint }>(
      "SELECT question_id, change_version FROM question WHERE publish_time IS NOT NULL",
    );
    expect(events).to.deep.equal([{ questionId: publishedId, changeVersion: 2n }]);
    expect(await app.database.query("SELECT 1 FROM listing")).to.deep.equal([]);
    expect(await app.database.query("SELECT 1 FROM task")).to.deep.equal([]);
    expect(await violations()).to.deep.equal([]);
  });

  it("are joined by none that was on its way when the creator withdrew", async () => {
    const requestId = crypto.randomUUID();
    const request = create(CreateQuestionRequestSchema, { requestId, content: questionContent() });
    const database: App["database"] = Object.assign(Object.create(app.database), {
      async transaction(work: Parameters<App["database"]["transaction"]>[0]) {
        await withdraw(otherId);
        return app.database.transaction(work);
      },
    });
    const late = createQuestion({ ...app, database })(request, callOf(otherId));
    expect(reasonOf(await late.catch((error: unknown) => error))).to.equal("NOT_CREATOR");
  });
});
