import { callAs } from "./session.js";

const service = "questioncloud.cart.v1.CartService";
const key = "cart";
const capacity = 50;

/** The ids of the questions that this browser has collected without a session, oldest first. */
export function guestCart() {
  try {
    const ids = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(ids) ? ids.filter(id => /^[1-9][0-9]{0,17}$/.test(id)).slice(0, capacity) : [];
  } catch {
    return [];
  }
}

/** Adds a question; throws if there is no room for it. */
export function addToGuestCart(questionId) {
  const ids = guestCart().filter(id => id !== questionId);
  if (ids.length === capacity) {
    throw new Error("장바구니가 가득 찼습니다.");
  }
  keep([...ids, questionId]);
}

export function removeFromGuestCart(questionId) {
  keep(guestCart().filter(id => id !== questionId));
}

/**
 * Moves what this browser has collected into the cart of the user who has signed in. Safe to repeat: it leaves the
 * browser when the answer has arrived. What did not fit stays.
 */
export async function mergeGuestCart() {
  const questionIds = guestCart();
  if (questionIds.length === 0) {
    return;
  }
  const { questions = [] } = await callAs(`${service}/MergeCart`, { questionIds });
  const moved = questions.filter(({ outcome }) => outcome !== "MERGE_OUTCOME_CART_FULL");
  const movedIds = moved.map(({ questionId }) => questionId);
  keep(guestCart().filter(id => !movedIds.includes(id)));
}

function keep(ids) {
  localStorage.setItem(key, JSON.stringify(ids));
}
