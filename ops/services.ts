/** The services, in the order in which a newcomer reads them; each is a folder below `services/` and a schema in MariaDB. */
export const serviceNames = ["user", "creator", "question", "point", "coupon", "pay"] as const;

export type ServiceName = (typeof serviceNames)[number];
