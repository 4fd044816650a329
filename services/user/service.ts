import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { NotificationMailsRequestedSchema } from "#gen/questioncloud/post/v1/events_pb.ts";
import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { AuthService } from "#gen/questioncloud/user/v1/auth_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/internal_user_directory_pb.ts";
import { ProfileService } from "#gen/questioncloud/user/v1/profile_pb.ts";
import { RegistrationService } from "#gen/questioncloud/user/v1/registration_pb.ts";
import { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { UserAdminService } from "#gen/questioncloud/user/v1/user_admin_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { job } from "#kit/process/loop.ts";
import { implement } from "#kit/rpc/implement.ts";
import { type RunningService, startService } from "#kit/service/start-service.ts";
import { type App, createApp } from "./app.ts";
import type { UserConfig } from "./config.ts";
import { removeExpired } from "./jobs/remove-expired.ts";
import { repeatWithdrawals } from "./jobs/repeat-withdrawals.ts";
import { sendMails } from "./jobs/send-mails.ts";
import { activateUser } from "./rpc/activate-user.ts";
import { banUser } from "./rpc/ban-user.ts";
import { batchGetUsers } from "./rpc/batch-get-users.ts";
import { changePassword } from "./rpc/change-password.ts";
import { completeSocialLogin } from "./rpc/complete-social-login.ts";
import { confirmEmailChange } from "./rpc/confirm-email-change.ts";
import { exportPersonalData } from "./rpc/export-personal-data.ts";
import { findUser } from "./rpc/find-user.ts";
import { getProfile } from "./rpc/get-profile.ts";
import { getUserStatus } from "./rpc/get-user-status.ts";
import { linkSocialAccount } from "./rpc/link-social-account.ts";
import { listSessions } from "./rpc/list-sessions.ts";
import { listSocialAccounts } from "./rpc/list-social-accounts.ts";
import { listSocialProviders } from "./rpc/list-social-providers.ts";
import { login } from "./rpc/login.ts";
import { logout } from "./rpc/logout.ts";
import { refreshSession } from "./rpc/refresh-session.ts";
import { registerSocialUser } from "./rpc/register-social-user.ts";
import { registerUser } from "./rpc/register-user.ts";
import { reportEmailChange } from "./rpc/report-email-change.ts";
import { requestConfirmation } from "./rpc/request-confirmation.ts";
import { requestEmailChange } from "./rpc/request-email-change.ts";
import { requestEmailReminder } from "./rpc/request-email-reminder.ts";
import { requestPasswordReset } from "./rpc/request-password-reset.ts";
import { resendActivationMail } from "./rpc/resend-activation-mail.ts";
import { resetPassword } from "./rpc/reset-password.ts";
import { revokeSession } from "./rpc/revoke-session.ts";
import { startSocialLink } from "./rpc/start-social-link.ts";
import { startSocialLogin } from "./rpc/start-social-login.ts";
import { unbanUser } from "./rpc/unban-user.ts";
import { unlinkSocialAccount } from "./rpc/unlink-social-account.ts";
import { updateProfile } from "./rpc/update-profile.ts";
import { withdraw } from "./rpc/withdraw.ts";
import { notificationMailsRequested } from "./subscribers/notification-mails-requested.ts";
import { pointsCharged } from "./subscribers/points-charged.ts";
import { questionsPurchased } from "./subscribers/questions-purchased.ts";
import { createJwksRoute } from "./tokens/jwks-route.ts";

export { config } from "./config.ts";

/** Starts the user service. */
export async function start(config: UserConfig, overrides?: Partial<App>): Promise<RunningService> {
  const app = await createApp(config, overrides);
  return startService(app, {
    rpcs: [
      implement(AuthService, {
        login: login(app),
        refreshSession: refreshSession(app),
        logout: logout(app),
        listSessions: listSessions(app),
        revokeSession: revokeSession(app),
      }),
      implement(RegistrationService, {
        registerUser: registerUser(app),
        resendActivationMail: resendActivationMail(app),
        activateUser: activateUser(app),
      }),
      implement(AccountService, {
        changePassword: changePassword(app),
        requestPasswordReset: requestPasswordReset(app),
        resetPassword: resetPassword(app),
        requestEmailReminder: requestEmailReminder(app),
        requestConfirmation: requestConfirmation(app),
        requestEmailChange: requestEmailChange(app),
        confirmEmailChange: confirmEmailChange(app),
        reportEmailChange: reportEmailChange(app),
        exportPersonalData: exportPersonalData(app),
        withdraw: withdraw(app),
      }),
      implement(SocialAccountService, {
        listSocialProviders: listSocialProviders(app),
        startSocialLogin: startSocialLogin(app),
        completeSocialLogin: completeSocialLogin(app),
        registerSocialUser: registerSocialUser(app),
        listSocialAccounts: listSocialAccounts(app),
        startSocialLink: startSocialLink(app),
        linkSocialAccount: linkSocialAccount(app),
        unlinkSocialAccount: unlinkSocialAccount(app),
      }),
      implement(ProfileService, {
        getProfile: getProfile(app),
        updateProfile: updateProfile(app),
      }),
      implement(UserAdminService, {
        findUser: findUser(app),
        banUser: banUser(app),
        unbanUser: unbanUser(app),
      }),
      implement(UserDirectoryService, {
        getUserStatus: getUserStatus(app),
        batchGetUsers: batchGetUsers(app),
      }),
    ],
    httpRoutes: [createJwksRoute(app.signingKeys)],
    subscriptions: [
      subscribe(QuestionsPurchasedSchema, questionsPurchased(app)),
      subscribe(PointsChargedSchema, pointsCharged(app)),
      subscribe(NotificationMailsRequestedSchema, notificationMailsRequested(app)),
    ],
    jobs: [
      sendMails(app),
      repeatWithdrawals(app),
      job("remove-expired", config.cleanup.intervalMs, removeExpired(app)),
    ],
  });
}
