import { buyQuestions, openLibrary } from "./buying.ts";
import { cancelOrder, chargePoints } from "./charging.ts";
import { fillCart, watchCart } from "./collecting.ts";
import { issueCoupons, registerCoupons } from "./couponing.ts";
import { discuss } from "./discussing.ts";
import { follow } from "./following.ts";
import { changeQuestion, checkWallet, readHistory, readReceipts, watchStatistics } from "./looking-back.ts";
import { moderate, search } from "./moderating.ts";
import { review } from "./reviewing.ts";
import { becomeCreator, promote, publishQuestions } from "./selling.ts";
import { logIn, signUp } from "./signing-up.ts";
import { signUpWithKakao } from "./social-login.ts";
import { openStage, type StoryWorld } from "./stage.ts";

/**
 * Plays a sale from the sign-up to the receipts and fails at the first surprise. All users in it are new, so it can
 * be repeated.
 */
export async function playStory(world: StoryWorld): Promise<void> {
  const stage = openStage(world);
  const { chapter } = world.narrator;

  chapter("A creator signs up and opens the link in the mail");
  const author = await signUp(stage, "김출제");

  chapter("The creator registers, uploads files and publishes two questions");
  const creatorId = await becomeCreator(stage, author);
  const shelf = await publishQuestions(stage, author);

  chapter("The creator puts a promotion on the first question");
  await promote(stage, author, shelf);

  chapter("Anyone finds the questions by parts of words; an administrator suspends one, and restores it");
  await search(stage, creatorId, shelf);
  const admin = await logIn(stage, world.admin);
  await moderate(stage, admin, creatorId, shelf);

  chapter("The administrator creates two coupons");
  const codes = await issueCoupons(stage, admin, creatorId);

  chapter("A buyer signs up with Kakao and registers the coupons by their codes");
  const buyer = await signUpWithKakao(stage, "박수험");
  const coupons = await registerCoupons(stage, buyer, codes);

  chapter("The buyer subscribes to the creator and finds both questions in the feed");
  await follow(stage, { author, buyer }, creatorId, shelf);

  chapter("The buyer orders the wrong package of points and cancels the order");
  await cancelOrder(stage, buyer);

  chapter("The buyer orders 10,000 points, pays at the PSP and confirms");
  await chargePoints(stage, buyer);

  chapter("The buyer puts both questions into the cart");
  await fillCart(stage, buyer, shelf);

  chapter("The buyer gets a quote and buys both questions");
  const purchaseId = await buyQuestions(stage, buyer, shelf, coupons);

  chapter("What was bought leaves the cart; the buyer downloads the file from the library");
  await watchCart(stage, buyer);
  await openLibrary(stage, buyer, shelf);

  chapter("The buyer asks on the board of the first question, the creator answers, and both are told");
  await discuss(stage, { author, buyer, outsider: admin }, shelf);

  chapter("The buyer reviews both questions, and the creator replies");
  await review(stage, { author, buyer }, creatorId, shelf);

  chapter("The creator changes the first question; the history shows it as it was bought");
  await changeQuestion(stage, author, shelf);
  await readHistory(stage, buyer, shelf, purchaseId);

  chapter("Balance and ledger agree");
  await checkWallet(stage, buyer);

  chapter("Sales are counted, and the receipts are in the mailbox");
  await watchStatistics(stage, creatorId, shelf);
  await readReceipts(stage, buyer, shelf);
}
