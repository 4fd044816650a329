import { expect } from "chai";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { ModerationQueue, ModerationService } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { type Person, signUp, signUpAdmin } from "../support/market/people.ts";
import { type Buying, openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  categories,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { expectPageRules, expectStableWalk } from "../support/rpc/walk-pages.ts";
import { participantStack } from "../support/stack/participant-stack.ts";

// Walks lists while they change. Many rows are equal by what they are sorted by, so that ties are walked as well.
describe("the lists of questions", () => {
  let author: Author;
  let buying: Buying;
  let admin: Person;
  const rows = 9;
  const reason = "확인 중";

  before(async () => {
    const stack = await participantStack();
    [author, buying, admin] = [await signUpAuthor(stack), await openBuying(stack), await signUpAdmin(stack)];
  });
  after(() => buying?.close());

  const levels = [3, 3, 5];
  let made = 0;
  const publishOne = (title = "목록 문항") => {
    const level = levels[made++ % levels.length] ?? 1;
    return publishQuestion(author, { title, level, pricePoints: BigInt(100 * level) });
  };
  async function repeat<T>(work: () => Promise<T>): Promise<T[]> {
    const done: T[] = [];
    for (let count = 0; count < rows; count++) {
      done.push(await work());
    }
    return done;
  }

  describe("of the store", () => {
    before(async () => void (await repeat(() => publishOne("삼각함수 그래프"))));

    const mine = () => ({ creatorId: author.creatorId });
    const ofCategories = () => ({ ...mine(), categoryIds: [categories.logarithms, categories.moles] });
    const walks = { POPULARITY: mine, LATEST: ofCategories, LEVEL: mine, PRICE: ofCategories } as const;
    for (const [name, filter] of Object.entries(walks)) {
      it(`neither repeats nor skips a question that stayed, sorted by ${name}`, async () => {
        const store = createPublicClient(await participantStack(), StoreService);
        const sort = QuestionSort[name as keyof typeof walks];
        const listOf = (parts: object) => async (request: object) => {
          const page = await store.listQuestions({ ...request, sort, filter: parts });
          return { ids: page.questions.map(each => each.questionId), nextPageToken: page.nextPageToken };
        };
        await expectStableWalk({
          read: listOf(filter()),
          add: () => publishOne("삼각함수 그래프"),
          remove: questionId => author.authoring.unpublishQuestion({ questionId }),
        });
        await expectPageRules(listOf(filter()), [listOf({}), listOf({ ...filter(), levels: [3] })]);
      });
    }
  });

  it("of a creator neither repeat nor skip a question that stayed", async () => {
    const stack = await participantStack();
    const [own, other] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    await repeat(() => writeDraft(own));
    const listOf =
      ({ authoring }: Author) =>
      async (request: object) => {
        const page = await authoring.listOwnQuestions(request);
        return { ids: page.questions.map(each => each.questionId), nextPageToken: page.nextPageToken };
      };
    await expectStableWalk({
      read: listOf(own),
      add: () => writeDraft(own),
      remove: questionId => own.authoring.deleteQuestion({ questionId }),
    });
    await expectPageRules(listOf(own), [listOf(other)]);
  });

  it("of a library neither repeat nor skip a question that stayed", async () => {
    const stack = await participantStack();
    const [buyer, other] = [await signUp(stack), await signUp(stack)];
    const buy = async () => buying.buy(buyer.userId, [(await publishOne()).questionId]);
    await repeat(buy);
    const listOf = (person: Person) => async (request: object) => {
      const page = await createPublicClient(stack, LibraryService, {
        token: person.token,
      }).listOwnedQuestions(request);
      return { ids: page.questions.map(each => each.questionId), nextPageToken: page.nextPageToken };
    };
    // Nothing leaves a library; a question that is deleted stays.
    const remove = (questionId: bigint) => author.authoring.deleteQuestion({ questionId });
    await expectStableWalk({ read: listOf(buyer), add: buy, remove });
    expect((await listOf(buyer)({ pageSize: 100 })).ids.length).to.be.greaterThan(rows);
    await expectPageRules(listOf(buyer), [listOf(other)]);
  });

  it("of moderators neither repeat nor skip a question that stayed", async () => {
    const moderation = createPublicClient(await participantStack(), ModerationService, {
      token: admin.token,
    });
    const suspendOne = async () =>
      moderation.suspendQuestion({ questionId: (await publishOne()).questionId, reason });
    await repeat(suspendOne);
    const listOf = (queue: ModerationQueue) => async (request: object) => {
      const page = await moderation.listModeratedQuestions({ ...request, queue });
      const ids = page.questions.map(each => each.question?.questionId ?? 0n);
      return { ids, nextPageToken: page.nextPageToken };
    };
    await expectStableWalk({
      read: listOf(ModerationQueue.SUSPENDED),
      add: suspendOne,
      remove: async questionId => {
        const { question } = await moderation.getModeratedQuestion({ questionId });
        await moderation.restoreQuestion({ questionId, version: question?.question?.version ?? 0, reason });
      },
    });
    await expectPageRules(listOf(ModerationQueue.SUSPENDED), [listOf(ModerationQueue.IN_REVIEW)]);
  });
});
