/** Seconds without a sign of life: compiling a large model takes minutes. */
const HUNG = 900;

/** Seconds without a sign of life after which whoever computes a stage is taken to hang. */
export const hungAfter = (): number => Number(process.env.MM1_HEARTBEAT ?? HUNG);
