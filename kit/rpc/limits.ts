/** The size limit of a request on either listener. */
export const maxRequestBytes = 1024 * 1024;
