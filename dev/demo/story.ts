import { buyQuestions, openLibrary } from "./buying.ts";
import { chargePoints } from "./charging.ts";
import { issueCoupons, registerCoupons } from "./couponing.ts";
import { changeQuestion, checkBooks, readHistory, readReceipts, watchStatistics } from "./looking-back.ts";
import { becomeCreator, promote, publishQuestions } from "./selling.ts";
import { logIn, signUp } from "./signing-up.ts";
import { openStage, type StoryWorld } from "./stage.ts";

/** Plays a sale from the sign-up to the receipts, and fails at the first surprise. Everybody in it is new; it may be played again and again. */
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

  chapter("An operator makes two coupons");
  const admin = await logIn(stage, world.admin);
  const codes = await issueCoupons(stage, admin, creatorId);

  chapter("A buyer signs up and registers the coupons by their codes");
  const buyer = await signUp(stage, "박수험");
  const coupons = await registerCoupons(stage, buyer, codes);

  chapter("The buyer orders 10,000 points, pays at the payment gateway and confirms");
  await chargePoints(stage, buyer);

  chapter("The buyer asks for a price and buys both questions");
  const purchaseId = await buyQuestions(stage, buyer, shelf, coupons);

  chapter("The buyer opens the library and downloads the file");
  await openLibrary(stage, buyer, shelf);

  chapter("The creator changes the first question; the history shows it as it was bought");
  await changeQuestion(stage, author, shelf);
  await readHistory(stage, buyer, shelf, purchaseId);

  chapter("Balance and ledger agree");
  await checkBooks(stage, buyer);

  chapter("The sales are counted, and the receipts lie in the mailbox");
  await watchStatistics(stage, creatorId, shelf);
  await readReceipts(stage, buyer, shelf);
}
