import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Stack } from "#dev/stack/stack.ts";
import { CartService } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import { PaymentService } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { ReviewService } from "#gen/questioncloud/review/v1/review_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { createMarket, type Market, purchaseRequest } from "../support/market/market.ts";
import { linkToken } from "../support/market/people.ts";
import { type Author, present, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { newPhone, password } from "../support/market/user-suite.ts";
import { createPublicClient, refusalOf } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { waitUntilIdle } from "../support/stack/wait-until-idle.ts";
import { searchStores } from "../support/stores/search-stores.ts";

/** What only this person has. */
interface Traces {
  readonly email: string;
  readonly newEmail: string;
  readonly phone: string;
  readonly name: string;
  readonly picture: string;
  readonly device: string;
  readonly creatorName: string;
  readonly creatorPicture: string;
  readonly introduction: string;
}

describe("the data of a person who withdrew", () => {
  let stack: Stack;
  let traces: Traces;
  let found: readonly string[];
  let after: readonly string[];

  before(async () => {
    stack = await sharedStack();
    const market = await createMarket(stack, { questionCount: 2 });
    const author = await signUpAuthor(stack);
    traces = createTraces(author.email);
    await fillAccount(stack, author, traces);
    await sell(market, author);
    await useEveryRoom(market, author);
    const words = Object.values(traces);
    await waitUntilIdle(stack);
    found = await searchStores(stack, words);
    const account = createPublicClient(stack, AccountService, { token: author.token });
    await account.withdraw({ password, waivePoints: true });
    await waitUntilIdle(stack);
    after = await searchStores(stack, words);
  });

  it("is found in the stores while the account is open, so that the search is known to find it", () => {
    const { email, phone, name, picture, device, creatorName, introduction } = traces;
    expect(found).to.include.members([
      `${email} in user.user.email`,
      `${phone} in user.user.phone`,
      `${name} in user.user.name`,
      `${picture} in user.user.profile_image_url`,
      `${device} in user.session.user_agent`,
      `${email} in user.registration.email`,
      `${traces.newEmail} in user.account_request.email`,
      `${creatorName} in question.creator.name`,
      `${creatorName} in mongodb purchase_history`,
      `${introduction} in creator.creator.introduction`,
    ]);
  });

  it("is described for every service", () => {
    const rows = [...sectionOf("Who stores what").matchAll(/^\| (\w+) \|/gm)].map(([, name]) => name);
    expect(rows).to.have.members(["service", ...serviceNames]);
  });

  it("is found nowhere, in no store, log or dead letter, but where docs/privacy.md says", () => {
    const { creatorName, creatorPicture, ...personal } = traces;
    for (const word of Object.values(personal)) {
      expect(
        after.filter(hit => hit.startsWith(`${word} in `)),
        word,
      ).to.deep.equal([]);
    }
    const places = new Set(after.map(hit => hit.replace(/^.* in /, "")));
    expect([...places].sort()).to.deep.equal([...placesThatKeep()].sort());
    expect(after.every(hit => hit.startsWith(creatorName) || hit.startsWith(creatorPicture))).to.equal(true);
  });
});

/** A section of docs/privacy.md. */
function sectionOf(title: string): string {
  const page = readFileSync(new URL("../../docs/privacy.md", import.meta.url), "utf8");
  return page.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
}

/** The first column of the table of what is kept. */
function placesThatKeep(): string[] {
  const section = sectionOf("What stays after a withdrawal");
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, place = ""]) => place);
}

function createTraces(email: string): Traces {
  const id = randomUUID().slice(0, 18);
  return {
    email,
    newEmail: `${randomUUID()}@example.com`,
    phone: newPhone(),
    name: `지울 이름 ${id}`,
    picture: `https://images.example/me-${id}.png`,
    device: `browser-${id}`,
    creatorName: `지울 출제자 ${id}`,
    creatorPicture: `https://images.example/author-${id}.png`,
    introduction: `지울 소개 ${id}`,
  };
}

/** Gives the account a profile, another session, and everything that mails can be asked for. */
async function fillAccount(stack: Stack, { email, token, creators }: Author, traces: Traces): Promise<void> {
  const { newEmail, phone, name, picture, device, creatorName, creatorPicture, introduction } = traces;
  const profiles = createPublicClient(stack, ProfileService, { token });
  await profiles.updateProfile({ name, profileImageUrl: picture, phone });
  const auth = createPublicClient(stack, AuthService, { headers: { "user-agent": device } });
  await auth.login({ email, password });
  await refusalOf(auth.login({ email, password: "wrong-horse-1" }));
  const registration = createPublicClient(stack, RegistrationService);
  await registration.registerUser({ email, password, name, phone });
  const account = createPublicClient(stack, AccountService, { token });
  await account.requestEmailChange({ newEmail, password });
  await account.requestPasswordReset({ email });
  await account.requestEmailReminder({ phone });
  await linkToken(stack, newEmail, "confirm-email");
  const content = {
    name: creatorName,
    profileImageUrl: creatorPicture,
    mainSubject: Subject.PHYSICS,
    introduction,
  };
  await creators.updateOwnCreator({ content });
}

/** Sells a question of the creator, under the public name. */
async function sell(market: Market, author: Author): Promise<void> {
  await waitUntilIdle(market.stack);
  const { questionId } = await publishQuestion(author, { pricePoints: 1000n });
  const buyer = await market.createBuyer(1000n);
  await buyer.pay.purchaseQuestions(purchaseRequest([questionId]));
}

/** Buys, reviews, posts, comments, subscribes and fills a cart. */
async function useEveryRoom(market: Market, { userId, token }: Author): Promise<void> {
  const { stack, questionIds, creator } = market;
  const [questionId = 0n, other = 0n] = questionIds;
  const as = { token };
  await market.givePoints(userId, 15_000n);
  await createPublicClient(stack, PaymentService, as).purchaseQuestions(purchaseRequest([questionId]));
  const content = { rate: 5, comment: "풀이가 친절합니다." };
  await createPublicClient(stack, ReviewService, as).createReview({ questionId, content });
  const { post } = await createPublicClient(stack, PostService, as).createPost({
    requestId: randomUUID(),
    questionId,
    content: { title: "질문", body: "왜 2번인가요?" },
  });
  const { postId } = present(post);
  const comments = createPublicClient(stack, CommentService, as);
  await comments.createComment({ requestId: randomUUID(), postId, body: "감사합니다." });
  await createPublicClient(stack, SubscriptionService, as).subscribe({ creatorId: creator.creatorId });
  await createPublicClient(stack, CartService, as).addToCart({ questionId: other });
}
