import { rmSync } from "node:fs";
import { join } from "node:path";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { createPublicApi } from "#dev/demo/public-api.ts";
import { ensureCategories } from "#dev/sample/categories.ts";
import { samplePosts } from "#dev/sample/content/boards.ts";
import { sampleReviews } from "#dev/sample/content/reviews.ts";
import { sampleCoupons } from "#dev/sample/coupons.ts";
import { type DemoUser, loadSampleData, type SampleData } from "#dev/sample/load.ts";
import { createSampleQuestions } from "#dev/sample/questions.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { CouponAdminService } from "#gen/questioncloud/coupon/v1/coupon_admin_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { PointService } from "#gen/questioncloud/point/v1/point_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { AuthoringService, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { QuestionSort, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { FeedService } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { logIn } from "../support/market/people.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const questions = createSampleQuestions("a seed");

describe("loading the sample data", function () {
  this.timeout(240_000);
  let stack: Stack;
  let first: SampleData;
  const lines: string[] = [];

  before(async () => {
    stack = await sharedStack();
    const interrupted = await loadSampleData(stack, interruptAtTwenty).catch(String);
    expect(interrupted).to.equal("Error: interrupted");
    first = await loadSampleData(stack, line => lines.push(line));
  });

  it("continues where it was interrupted, reports its progress and who may log in", () => {
    expect(first.loaded).to.equal(true);
    expect(lines).to.have.length.above(4);
    expect(first.users.map(({ role }) => role).sort()).to.deep.equal([
      "admin",
      "buyer",
      "buyer",
      ...Array.from({ length: 6 }, () => "creator"),
    ]);
  });

  it("publishes every question with its files and promotions", async () => {
    const creators = first.users.filter(({ role }) => role === "creator");
    const shown = await Promise.all(creators.map(listOwnQuestions));
    for (const own of shown) {
      expect(own.filter(({ state }) => state === QuestionState.PUBLISHED)).to.have.length(10);
      expect(own.every(({ files }) => files.length >= 3)).to.equal(true);
    }
    const store = createPublicClient(stack, StoreService);
    const inStore = await Promise.all(
      shown.flat().map(({ questionId }) => store.getQuestion({ questionId })),
    );
    const promoted = inStore.filter(({ question }) => question?.promotion !== undefined);
    expect(promoted).to.have.length(questions.filter(({ promotion }) => promotion !== undefined).length);
  });

  it("creates the coupons, one of them ended", async () => {
    const admin = createPublicClient(stack, CouponAdminService, await signIn("admin"));
    const { coupons } = await admin.listCoupons({ pageSize: 100 });
    const made = coupons.filter(({ code }) => sampleCoupons.some(sample => sample.code === code));
    expect(made).to.have.length(8);
    const ended = made.filter(({ endTime }) => endTime !== undefined && timestampDate(endTime) < new Date());
    expect(ended.map(({ code }) => code)).to.deep.equal(["EARLYBIRD-5"]);
  });

  it("gives the first buyer points, coupons, purchases and a cart", async () => {
    const buyer = await signIn("buyer");
    const { purchases } = await until(async () => {
      const answer = await createPublicClient(stack, PaymentService, buyer).listPurchases({});
      return answer.purchases.length === 2 && answer;
    });
    const spent = purchases.reduce((sum, { quote }) => sum + (quote?.amountPoints ?? 0n), 0n);
    const { wallet } = await createPublicClient(stack, PointService, buyer).getWallet({});
    expect(wallet?.balancePoints).to.equal(30_000n - spent);
    const library = createPublicClient(stack, LibraryService, buyer);
    await until(async () => (await library.listOwnedQuestions({})).questions.length === 4, "four are owned");
    const { cart } = await createPublicClient(stack, CartService, buyer).getCart({});
    expect(cart?.availableCount).to.equal(3);
    const { coupons } = await createPublicClient(stack, CouponService, buyer).listUserCoupons({});
    expect(coupons.map(({ terms }) => terms?.title)).to.deep.equal(["수능 응원 10% 할인"]);
  });

  it("links the Kakao account of the first buyer, and knows people who have social accounts only", async () => {
    const social = createPublicClient(stack, SocialAccountService, await signIn("buyer"));
    const { accounts, hasPassword } = await social.listSocialAccounts({});
    expect(accounts.map(({ provider }) => provider)).to.deep.equal([SocialProvider.KAKAO]);
    expect(hasPassword).to.equal(true);
    const admin = createPublicClient(stack, UserAdminService, await signIn("admin"));
    for (const email of ["green@naver.com", "haneul@gmail.example"]) {
      expect((await admin.findUser({ email })).user?.email).to.equal(email);
    }
  });

  it("subscribes people to creators, the feed of the first buyer is filled", async () => {
    const buyer = await signIn("buyer");
    const { subscriptions } = await until(async () => {
      const answer = await createPublicClient(stack, SubscriptionService, buyer).listSubscriptions({});
      const counts = answer.subscriptions.map(({ creator }) => Number(creator?.subscriberCount));
      return counts.join() === "5,4,3" && answer;
    }, "the subscribers of three creators are counted");
    expect(subscriptions.map(({ creator }) => creator?.name)).to.deep.equal([
      "하윤수학",
      "도현의 미적분",
      "물리하는 서준",
    ]);
    const feed = createPublicClient(stack, FeedService, buyer);
    await until(
      async () => (await feed.listFeed({ pageSize: 100 })).questions.length === 30,
      "the feed has the questions of the three",
    );
  });

  it("fills boards of what was bought, with answers of the creators", async () => {
    const buyer = await signIn("buyer");
    const { questions: owned } = await createPublicClient(stack, LibraryService, buyer).listOwnedQuestions(
      {},
    );
    const posts = createPublicClient(stack, PostService, buyer);
    const boards = await Promise.all(owned.map(({ questionId }) => posts.listPosts({ questionId })));
    const shown = boards.flatMap(board => board.posts);
    expect(shown.map(({ title }) => title)).to.have.members(samplePosts.map(({ title }) => title));
    const comments = samplePosts.flatMap(post => post.comments);
    expect(shown.reduce((sum, { commentCount }) => sum + commentCount, 0)).to.equal(comments.length);
  });

  it("reviews questions as people who bought them, with answers of the creators", async () => {
    const store = createPublicClient(stack, StoreService);
    const rated = await until(async () => {
      const { questions: best } = await store.listQuestions({ sort: QuestionSort.RATE, pageSize: 100 });
      const found = best.filter(({ reviewCount }) => reviewCount > 0n);
      const count = found.reduce((sum, { reviewCount }) => sum + Number(reviewCount), 0);
      return count >= sampleReviews.length && found;
    }, "all reviews are counted");
    const reviews = createPublicClient(stack, ReviewService);
    const pages = await Promise.all(rated.map(({ questionId }) => reviews.listReviews({ questionId })));
    const shown = pages.flatMap(page => page.reviews);
    expect(shown.map(({ content }) => content?.comment)).to.include.members(
      sampleReviews.map(({ comment }) => comment),
    );
    const replies = sampleReviews.flatMap(({ reply }) => reply ?? []);
    expect(shown.map(({ reply }) => reply?.comment)).to.include.members(replies);
  });

  it("creates categories that are missing, once", async () => {
    const { token } = await signIn("admin");
    const door = createPublicApi({ urlOf: name => `http://127.0.0.1:${stack.ports.services[name]?.http}` });
    const path = { subject: Subject.PHYSICS, parent: `단원 ${crypto.randomUUID()}`, child: "소단원" };
    const ids = [];
    for (const attempt of [1, 2]) {
      const findCategory = await ensureCategories(door, token, [path]);
      ids.push(findCategory(path));
      expect(new Set(ids).size, `attempt ${attempt}`).to.equal(1);
    }
  });

  it("loads nothing twice", async () => {
    const before = await countAll();
    expect(await loadSampleData(stack, () => {})).to.deep.equal({ users: first.users, loaded: false });
    rmSync(join(stack.dir, "sample-data.json"));
    await loadSampleData(stack, () => {});
    expect(await countAll()).to.deep.equal(before);
  });

  async function signIn(role: DemoUser["role"]) {
    const { email = "", password = "" } = first.users.find(user => user.role === role) ?? {};
    const { token } = await logIn(stack, email, password);
    return { token };
  }

  async function listOwnQuestions({ email, password }: DemoUser) {
    const { token } = await logIn(stack, email, password);
    const authoring = createPublicClient(stack, AuthoringService, { token });
    return (await authoring.listOwnQuestions({ pageSize: 100 })).questions;
  }

  async function countAll() {
    const own = await Promise.all(first.users.filter(({ role }) => role === "creator").map(listOwnQuestions));
    const [admin, buyer] = [await signIn("admin"), await signIn("buyer")];
    const { coupons } = await createPublicClient(stack, CouponAdminService, admin).listCoupons({
      pageSize: 100,
    });
    const { entries } = await createPublicClient(stack, PointService, buyer).listLedgerEntries({
      pageSize: 100,
    });
    return { questions: own.map(each => each.length), coupons: coupons.length, entries: entries.length };
  }
});

function interruptAtTwenty(line: string): void {
  if (line.includes("20 of 60")) {
    throw new Error("interrupted");
  }
}
