import { CommentService } from "#gen/questioncloud/post/v1/comment_pb.ts";
import { NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { PostAdminService } from "#gen/questioncloud/post/v1/post_admin_pb.ts";
import { PostService } from "#gen/questioncloud/post/v1/post_pb.ts";
import { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { job } from "#kit/process/loop.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { PostConfig } from "./config.ts";
import { eraseNotifications } from "./jobs/erase-notifications.ts";
import { removeExpired } from "./jobs/remove-expired.ts";
import { removeFiles } from "./jobs/remove-files.ts";
import { spreadNews } from "./jobs/spread-news.ts";
import { closePostReports } from "./rpc/close-post-reports.ts";
import { createComment } from "./rpc/create-comment.ts";
import { createFileLink } from "./rpc/create-file-link.ts";
import { createPost } from "./rpc/create-post.ts";
import { createUpload } from "./rpc/create-upload.ts";
import { deleteComment } from "./rpc/delete-comment.ts";
import { deletePost } from "./rpc/delete-post.ts";
import { getNotificationPreferences } from "./rpc/get-notification-preferences.ts";
import { getPost } from "./rpc/get-post.ts";
import { getUnreadCount } from "./rpc/get-unread-count.ts";
import { listComments } from "./rpc/list-comments.ts";
import { listCreatorPosts } from "./rpc/list-creator-posts.ts";
import { listNotifications } from "./rpc/list-notifications.ts";
import { listOwnComments } from "./rpc/list-own-comments.ts";
import { listOwnPosts } from "./rpc/list-own-posts.ts";
import { listPostEdits } from "./rpc/list-post-edits.ts";
import { listPostReports } from "./rpc/list-post-reports.ts";
import { listPosts } from "./rpc/list-posts.ts";
import { markNotificationsRead } from "./rpc/mark-notifications-read.ts";
import { pinPost } from "./rpc/pin-post.ts";
import { removePost } from "./rpc/remove-post.ts";
import { reportComment } from "./rpc/report-comment.ts";
import { reportPost } from "./rpc/report-post.ts";
import { updateComment } from "./rpc/update-comment.ts";
import { updateNotificationPreferences } from "./rpc/update-notification-preferences.ts";
import { updatePost } from "./rpc/update-post.ts";

import { questionChanged } from "./subscribers/question-changed.ts";
import { subscriptionChanged } from "./subscribers/subscription-changed.ts";
import { userWithdrawn } from "./subscribers/user-withdrawn.ts";

export { config } from "./config.ts";

/** Starts the post service. */
export async function start(config: PostConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(PostService, {
        listPosts: listPosts(app),
        listCreatorPosts: listCreatorPosts(app),
        listOwnPosts: listOwnPosts(app),
        getPost: getPost(app),
        createUpload: createUpload(app),
        createPost: createPost(app),
        updatePost: updatePost(app),
        listPostEdits: listPostEdits(app),
        deletePost: deletePost(app),
        pinPost: pinPost(app),
        reportPost: reportPost(app),
        createFileLink: createFileLink(app),
      }),
      implement(CommentService, {
        listComments: listComments(app),
        listOwnComments: listOwnComments(app),
        createComment: createComment(app),
        updateComment: updateComment(app),
        deleteComment: deleteComment(app),
        reportComment: reportComment(app),
      }),
      implement(PostAdminService, {
        listPostReports: listPostReports(app),
        closePostReports: closePostReports(app),
        removePost: removePost(app),
      }),
      implement(NotificationService, {
        listNotifications: listNotifications(app),
        getUnreadCount: getUnreadCount(app),
        markNotificationsRead: markNotificationsRead(app),
        getNotificationPreferences: getNotificationPreferences(app),
        updateNotificationPreferences: updateNotificationPreferences(app),
      }),
    ],
    subscriptions: [
      subscribe(QuestionChangedSchema, questionChanged),
      subscribe(SubscriptionChangedSchema, subscriptionChanged),
      subscribe(UserWithdrawnSchema, userWithdrawn),
    ],
    jobs: [
      spreadNews(app),
      removeFiles(app),
      eraseNotifications(app),
      job("remove-expired", config.cleanup.intervalMs, removeExpired(app)),
    ],
  });
}
