import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { PointsChargedSchema } from "#gen/questioncloud/point/v1/events_pb.ts";
import { UserDirectoryService } from "#gen/questioncloud/user/v1/mesh_pb.ts";
import {
  AccountService,
  AuthService,
  ProfileService,
  RegistrationService,
  UserAdminService,
} from "#gen/questioncloud/user/v1/user_pb.ts";
import { hear } from "#kit/consumer.ts";
import { route } from "#kit/route.ts";
import { pointsCharged } from "./consumers/points-charged.ts";
import { questionsPurchased } from "./consumers/questions-purchased.ts";
import { createJwksRoute } from "./jwks-route.ts";
import type { Parts } from "./parts.ts";
import { activateUser } from "./rpc/activate-user.ts";
import { banUser } from "./rpc/ban-user.ts";
import { changePassword } from "./rpc/change-password.ts";
import { findUser } from "./rpc/find-user.ts";
import { getProfile } from "./rpc/get-profile.ts";
import { getUserStatus } from "./rpc/get-user-status.ts";
import { listSessions } from "./rpc/list-sessions.ts";
import { login } from "./rpc/login.ts";
import { logout } from "./rpc/logout.ts";
import { refreshSession } from "./rpc/refresh-session.ts";
import { registerUser } from "./rpc/register-user.ts";
import { resendActivationMail } from "./rpc/resend-activation-mail.ts";
import { revokeSession } from "./rpc/revoke-session.ts";
import { unbanUser } from "./rpc/unban-user.ts";
import { updateProfile } from "./rpc/update-profile.ts";

export const services = [
  AuthService,
  RegistrationService,
  AccountService,
  ProfileService,
  UserAdminService,
  UserDirectoryService,
];

export const createRoutes = (parts: Parts) => [
  route(AuthService.method.login, login(parts)),
  route(AuthService.method.refreshSession, refreshSession(parts)),
  route(AuthService.method.logout, logout(parts)),
  route(AuthService.method.listSessions, listSessions(parts)),
  route(AuthService.method.revokeSession, revokeSession(parts)),
  route(RegistrationService.method.registerUser, registerUser(parts)),
  route(RegistrationService.method.resendActivationMail, resendActivationMail(parts)),
  route(RegistrationService.method.activateUser, activateUser(parts)),
  route(AccountService.method.changePassword, changePassword(parts)),
  route(ProfileService.method.getProfile, getProfile(parts)),
  route(ProfileService.method.updateProfile, updateProfile(parts)),
  route(UserAdminService.method.findUser, findUser(parts)),
  route(UserAdminService.method.banUser, banUser(parts)),
  route(UserAdminService.method.unbanUser, unbanUser(parts)),
  route(UserDirectoryService.method.getUserStatus, getUserStatus(parts)),
];

export const createHttpRoutes = ({ signingKeys }: Parts) => [createJwksRoute(signingKeys)];

export const createHearings = (parts: Parts) => [
  hear(QuestionsPurchasedSchema, questionsPurchased(parts)),
  hear(PointsChargedSchema, pointsCharged(parts)),
];
