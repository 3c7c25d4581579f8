/** Why a test is not part of the suite: it takes long, and the suite has others like it. Whoever runs its file runs it. */
export const byHand: string | false = process.env['LAB_PART'] === 'suite' ? 'takes long: run by hand' : false;
