/** The tasks of withdrawals; one exists until the withdrawal was published again. */
export const withdrawalTask = "withdrawal";
