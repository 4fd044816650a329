/** The calls whose answers are what the shop stores about its user. Those with pages are called until the last. */
export const personalDataCalls = [
  "questioncloud.user.v1.AccountService/ExportPersonalData",
  "questioncloud.creator.v1.CreatorService/GetOwnCreator",
  "questioncloud.question.v1.AuthoringService/ListOwnQuestions",
  "questioncloud.question.v1.LibraryService/ListOwnedQuestions",
  "questioncloud.point.v1.PointService/GetWallet",
  "questioncloud.point.v1.PointService/ListLedgerEntries",
  "questioncloud.point.v1.PointService/ListCharges",
  "questioncloud.pay.v1.PaymentService/ListPurchases",
  "questioncloud.coupon.v1.CouponService/ListUserCoupons",
  "questioncloud.cart.v1.CartService/GetCart",
  "questioncloud.subscribe.v1.SubscriptionService/ListSubscriptions",
  "questioncloud.review.v1.ReviewService/ListOwnReviews",
  "questioncloud.post.v1.PostService/ListOwnPosts",
  "questioncloud.post.v1.CommentService/ListOwnComments",
  "questioncloud.post.v1.NotificationService/ListNotifications",
  "questioncloud.post.v1.NotificationService/GetNotificationPreferences",
];

/** Collects the answers, by the name of their call. Users who are no creators have no answers of creators. */
export async function collectPersonalData(callAs) {
  const data = {};
  for (const path of personalDataCalls) {
    data[path] = await collectPages(path, callAs).catch(error => {
      if (error.reason === "NOT_CREATOR") {
        return [];
      }
      throw error;
    });
  }
  return data;
}

async function collectPages(path, callAs) {
  const pages = [];
  for (let request = {}; request !== undefined; ) {
    const page = await callAs(path, request);
    pages.push(page);
    request = page.nextPageToken ? { pageToken: page.nextPageToken } : undefined;
  }
  return pages;
}
