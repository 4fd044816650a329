import { randomUUID } from "node:crypto";
import { newPhone } from "../../market/user-suite.ts";
import { admin, anyone, type SampleCalls, type SampleFacts, unknownId, user } from "../sample-call.ts";

/** Calls of the methods of user. */
export default function userCalls({ author }: SampleFacts): SampleCalls {
  const password = "correct-horse-1";
  const callback = { provider: "SOCIAL_PROVIDER_KAKAO", state: "unknown", code: "unknown" };
  return {
    "user.v1.AccountService/ChangePassword": user(
      { currentPassword: "wrong-horse-1", newPassword: "another-horse-1" },
      "FAIL_LOGIN",
    ),
    "user.v1.AccountService/RequestPasswordReset": anyone({ email: `${randomUUID()}@example.com` }),
    "user.v1.AccountService/ResetPassword": anyone(
      { token: "A".repeat(43), newPassword: password },
      "NOT_FOUND",
    ),
    "user.v1.AccountService/RequestEmailReminder": anyone({ phone: newPhone() }),
    "user.v1.AccountService/RequestConfirmation": user({}),
    "user.v1.AccountService/RequestEmailChange": user(
      { newEmail: `${randomUUID()}@example.com`, password: "wrong-horse-1" },
      "FAIL_LOGIN",
    ),
    "user.v1.AccountService/ConfirmEmailChange": user({ token: "A".repeat(43) }, "NOT_FOUND"),
    "user.v1.AccountService/ReportEmailChange": anyone({ token: "A".repeat(43) }, "NOT_FOUND"),
    "user.v1.AccountService/ExportPersonalData": user({}),
    "user.v1.AccountService/Withdraw": user({ password: "wrong-horse-1", waivePoints: true }, "FAIL_LOGIN"),
    "user.v1.AuthService/Login": anyone({ email: author.email, password: author.password }),
    "user.v1.AuthService/RefreshSession": anyone({ refreshToken: "unknown" }, "UNAUTHORIZED_TOKEN"),
    "user.v1.AuthService/Logout": anyone({ refreshToken: "unknown" }),
    "user.v1.AuthService/ListSessions": user({}),
    "user.v1.AuthService/RevokeSession": user({ sessionId: randomUUID() }, "NOT_FOUND"),
    "user.v1.ProfileService/GetProfile": user({}),
    "user.v1.ProfileService/UpdateProfile": user({ name: "출제자" }),
    "user.v1.RegistrationService/RegisterUser": anyone({
      email: `${randomUUID()}@example.com`,
      password,
      name: "수험생",
      phone: newPhone(),
    }),
    "user.v1.RegistrationService/ResendActivationMail": anyone({ registrationId: randomUUID() }),
    "user.v1.RegistrationService/ActivateUser": anyone(
      { token: "A".repeat(43), password: "no-password" },
      "NOT_FOUND",
    ),
    "user.v1.SocialAccountService/ListSocialProviders": anyone({}),
    "user.v1.SocialAccountService/StartSocialLogin": anyone({ provider: "SOCIAL_PROVIDER_KAKAO" }),
    "user.v1.SocialAccountService/CompleteSocialLogin": anyone({ callback }, "FAIL_SOCIAL_LOGIN"),
    "user.v1.SocialAccountService/RegisterSocialUser": anyone(
      { registerToken: "A".repeat(43), name: "수험생", phone: "01012345678" },
      "FAIL_SOCIAL_LOGIN",
    ),
    "user.v1.SocialAccountService/ListSocialAccounts": user({}),
    "user.v1.SocialAccountService/StartSocialLink": user({
      provider: "SOCIAL_PROVIDER_GOOGLE",
      password: author.password,
    }),
    "user.v1.SocialAccountService/LinkSocialAccount": user({ callback }, "FAIL_SOCIAL_LOGIN"),
    "user.v1.SocialAccountService/UnlinkSocialAccount": user(
      { provider: "SOCIAL_PROVIDER_NAVER" },
      "NOT_FOUND",
    ),
    "user.v1.UserAdminService/FindUser": admin({ email: author.email }),
    "user.v1.UserAdminService/BanUser": admin({ userId: unknownId, reason: "시험" }, "NOT_FOUND"),
    "user.v1.UserAdminService/UnbanUser": admin({ userId: unknownId, reason: "시험" }, "NOT_FOUND"),
  };
}
