import { randomUUID } from "node:crypto";
import { admin, type SampleCalls, type SampleFacts, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of post. */
export default function postCalls({ draft }: SampleFacts): SampleCalls {
  const questionId = String(draft.questionId);
  const content = { title: "질문", body: "2번 보기를 모르겠습니다." };
  const report = { reason: "REPORT_REASON_SPAM" };
  const decision = { target: { postId: unknownId }, reason: "시험" };
  return {
    "post.v1.PostService/ListPosts": user({ questionId }),
    "post.v1.PostService/ListCreatorPosts": user({}),
    "post.v1.PostService/ListOwnPosts": user({}),
    "post.v1.CommentService/ListOwnComments": user({}),
    "post.v1.PostService/GetPost": user({ postId: unknownId }, "NOT_FOUND"),
    "post.v1.PostService/CreateUpload": user({
      questionId,
      contentType: "application/pdf",
      sizeBytes: "1000",
    }),
    "post.v1.PostService/CreatePost": user({ requestId: randomUUID(), questionId, content }),
    "post.v1.PostService/UpdatePost": user({ postId: unknownId, version: 1, content }, "NOT_FOUND"),
    "post.v1.PostService/ListPostEdits": user({ postId: unknownId }, "NOT_FOUND"),
    "post.v1.PostService/DeletePost": user({ postId: unknownId }, "NOT_FOUND"),
    "post.v1.PostService/CreateFileLink": user({ postId: unknownId, uploadId: randomUUID() }, "NOT_FOUND"),
    "post.v1.CommentService/ListComments": user({ postId: unknownId }, "NOT_FOUND"),
    "post.v1.CommentService/CreateComment": user(
      { requestId: randomUUID(), postId: unknownId, body: "답변" },
      "NOT_FOUND",
    ),
    "post.v1.CommentService/UpdateComment": user(
      { commentId: unknownId, version: 1, body: "답변" },
      "NOT_FOUND",
    ),
    "post.v1.PostService/PinPost": user({ postId: unknownId, pinned: true }, "NOT_FOUND"),
    "post.v1.PostService/ReportPost": user({ postId: unknownId, ...report }, "NOT_FOUND"),
    "post.v1.CommentService/ReportComment": user({ commentId: unknownId, ...report }, "NOT_FOUND"),
    "post.v1.PostAdminService/ListPostReports": admin({}),
    "post.v1.PostAdminService/ClosePostReports": admin(decision, "NOT_FOUND"),
    "post.v1.PostAdminService/RemovePost": admin(decision, "NOT_FOUND"),
    "post.v1.NotificationService/ListNotifications": user({}),
    "post.v1.NotificationService/GetUnreadCount": user({}),
    "post.v1.NotificationService/MarkNotificationsRead": user({ throughNotificationId: unknownId }),
    "post.v1.NotificationService/GetNotificationPreferences": user({}),
    "post.v1.NotificationService/UpdateNotificationPreferences": user({
      preferences: [{ kind: "NOTIFICATION_KIND_NEW_POST", inApp: true }],
    }),
    "post.v1.CommentService/DeleteComment": user({ commentId: unknownId }, "NOT_FOUND"),
  };
}
